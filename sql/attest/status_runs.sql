-- what:   the last runs
-- basis:  spec 10
-- grain:  one run
-- params: none
select run_id::text as run_id, job, period, user_name, state, error_code, started_at, finished_at
from ledger.run
order by started_at desc limit 10
