-- what:   proposals that nobody decided in time: withdrawn and made anew with the same content
-- basis:  spec 4; P53 (the next step looks at the term of an approval)
-- grain:  one pending proposal
-- params: none
select p.atena_no, p.shikaku_key, p.action, p.lost_on, p.soushitsu_jiyu_code, p.atena_id, p.approval_id
from pension.idou_proposal as p join ledger.approval as a using (approval_id)
where a.decision is null and a.expires_at < now()
order by p.approval_id
