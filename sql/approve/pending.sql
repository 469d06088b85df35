-- what:   what waits for a second person (all, or of one run)
-- basis:  P53
-- grain:  one approval
-- params: kind, run_id
select a.approval_id as id, a.kind, a.subject, a.content_hash, a.maker, a.made_at, a.expires_at, a.run_id::text as run_id,
    a.expires_at < now() as expired, r.user_name as started_by
from ledger.approval as a join ledger.run as r using (run_id)
where a.decision is null and a.kind = :kind and (cast(:run_id as uuid) is null or a.run_id = cast(:run_id as uuid))
order by a.approval_id
