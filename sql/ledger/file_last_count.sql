-- what:   データ件数 of the last accepted file of the same counter and kind (前回比)
-- basis:  decisions, Counts (前回比)
-- grain:  at most one number
-- params: dataset, stream, resets
select data_count from ledger.file
where dataset = :dataset and stream = :stream and resets = :resets and outcome = 'accepted'
order by file_id desc limit 1
