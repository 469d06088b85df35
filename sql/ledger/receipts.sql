-- what:   the receipts that the steps of a run have left
-- basis:  spec 10
-- grain:  one step
-- params: run_id
select step, content from ledger.receipt where run_id = cast(:run_id as uuid) order by recorded_at, step
