-- what:   the holds whose release waits for a decision
-- basis:  spec 9 (保全: releasing takes two)
-- grain:  one approval
-- params: approvals
select a.approval_id, h.hold_id, h.kind, h.object_id, h.atena_no, h.atena_no is not null as of_person, h.first_on, h.last_on,
    h.reason, h.review_on
from ledger.approval as a
join ledger.hold as h on a.subject like '%（保全番号 ' || h.hold_id || '）'
where a.approval_id = any(cast(:approvals as bigint [])) and h.released_at is null
order by a.approval_id
