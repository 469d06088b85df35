-- what:   データ件数 of the accepted file before this one, by business day, of the same counter and kind (前回比)
-- basis:  decisions, Counts (前回比)
-- grain:  at most one number
-- params: dataset, stream, resets, business_on
select data_count from ledger.file
where dataset = :dataset and stream = :stream and resets = :resets and outcome = 'accepted'
    and business_on <= :business_on
order by business_on desc, file_id desc limit 1
