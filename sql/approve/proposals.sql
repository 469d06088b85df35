-- what:   proposals of 異動 with the 資格 as it stands now
-- basis:  spec 4
-- grain:  one proposal
-- params: approvals
select p.approval_id, p.atena_no, p.shikaku_key, p.action, p.lost_on, p.soushitsu_jiyu_code, s.shikaku_id, s.lost_on as lost_now
from pension.idou_proposal as p
left join pension.shikaku as s on s.row_key = p.shikaku_key and s.superseded_at is null
where p.approval_id = any(cast(:approvals as bigint[]))
