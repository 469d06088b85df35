-- what:   how many rows lie in staging, and when a file of the dataset was last looked at
-- basis:  spec 9: staging is kept no longer than the load
-- grain:  one row
-- params: dataset (names: dataset)
select (select count(*) from staging.{dataset}) as n, (
    select max(f.received_at)::date from ledger.file as f where f.dataset = :dataset
) as day
