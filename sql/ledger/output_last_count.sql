-- what:   the rows of the file before this one: the newest released version of the last period before it
-- basis:  decisions, Counts (前回比)
-- grain:  one number, or none
-- params: dataset, period
select rows from ledger.output
where dataset = :dataset and released_at is not null and period < :period
order by period desc, version desc, output_id desc limit 1
