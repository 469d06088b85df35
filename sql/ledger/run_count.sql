-- what:   the how-manieth run of its job for its period a run is
-- basis:  spec 10
-- grain:  one number
-- params: run_id
select count(*)
from ledger.run as r
join ledger.run as o using (job, period)
where r.run_id = cast(:run_id as uuid) and (o.started_at, o.run_id) <= (r.started_at, r.run_id)
