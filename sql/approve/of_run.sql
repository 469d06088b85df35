-- what:   the approvals of one run and how they stand
-- basis:  P53; architecture, Approvals live in our table (approved, another person, content unchanged, not expired)
-- grain:  one approval
-- params: run_id
select a.approval_id, a.kind, a.decision, a.content_hash, a.decided_at > a.expires_at as late,
    ledger.another(a.checker, a.maker) and ledger.another(a.checker, r.user_name) as by_another
from ledger.approval as a join ledger.run as r using (run_id)
where run_id = cast(:run_id as uuid) and decision is distinct from 'withdrawn' and decision is distinct from 'superseded'
order by a.approval_id
