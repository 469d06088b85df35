-- what:   one run
-- basis:  spec 10
-- grain:  one run
-- params: run_id
select run_id::text as run_id, job, period, user_name, unit, terminal, reason, business_on, as_known_at, definition_hash,
    started_at, finished_at, state, error_code, apart
from ledger.run
where run_id = cast(:run_id as uuid)
