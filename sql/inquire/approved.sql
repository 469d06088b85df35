-- what:   what a second person has approved of a run's questions, and whether its file has left
-- basis:  decisions, Periods
-- grain:  at most one approval
-- params: kind, run_id
select a.content_hash,
    exists (select 1 from ledger.output as o where o.run_id = a.run_id and o.released_at is not null) as released
from ledger.approval as a
where a.kind = :kind and a.run_id = cast(:run_id as uuid) and a.decision = 'approved'
order by a.approval_id desc limit 1
