-- what:   the receipt of a step
-- basis:  house: receipts
-- grain:  run x step
-- params: run_id, step
select content from ledger.receipt where run_id = cast(:run_id as uuid) and step = :step
