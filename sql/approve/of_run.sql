-- what:   the approvals of one run and how they stand
-- basis:  P53; architecture, Approvals live in our table (approved, another person, content unchanged, not expired)
-- grain:  one approval
-- params: run_id
select approval_id, kind, decision, maker, checker, content_hash, decided_at > expires_at as late
from ledger.approval
where run_id = cast(:run_id as uuid) and decision is distinct from 'withdrawn' and decision is distinct from 'superseded'
order by approval_id
