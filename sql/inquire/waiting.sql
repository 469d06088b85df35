-- what:   questions of a job that wait for a second person
-- basis:  decisions, Periods
-- grain:  one approval
-- params: kind, job
select a.approval_id, a.content_hash, a.run_id::text as run_id
from ledger.approval as a join ledger.run as r using (run_id)
where a.decision is null and a.kind = :kind and r.job = :job
order by a.approval_id
