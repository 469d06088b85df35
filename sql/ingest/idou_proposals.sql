-- what:   proposals of these persons that wait for a decision, or were rejected (decided_at)
-- basis:  spec 4
-- grain:  one proposal
-- params: numbers
select p.atena_no, p.shikaku_key, p.action, p.lost_on, p.soushitsu_jiyu_code, p.atena_id, p.approval_id, a.decided_at
from pension.idou_proposal as p join ledger.approval as a using (approval_id)
where (a.decision is null or a.decision = 'rejected') and p.atena_no = any(cast(:numbers as text[]))
order by p.approval_id
