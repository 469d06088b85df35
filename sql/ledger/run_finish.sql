-- what:   a run ends
-- basis:  spec 10
-- grain:  one run
-- params: run_id, state, error_code
update ledger.run set finished_at = clock_timestamp(), state = :state, error_code = :error_code
where run_id = cast(:run_id as uuid)
