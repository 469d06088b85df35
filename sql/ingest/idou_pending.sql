-- what:   proposals of these persons that wait for a decision
-- basis:  spec 4
-- grain:  one proposal
-- params: numbers
select p.atena_no, p.shikaku_key, p.action, p.lost_on, p.soushitsu_jiyu_code, p.atena_id, p.approval_id
from pension.idou_proposal as p join ledger.approval as a using (approval_id)
where a.decision is null and p.atena_no = any(cast(:numbers as text[]))
order by p.approval_id
