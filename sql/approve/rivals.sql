-- what:   other losses proposed for the same 資格: the first approved wins, these are superseded
-- basis:  decisions, 異動 -> 資格
-- grain:  approval x pending approval that it excludes
-- params: approvals
select p.approval_id, a.approval_id as id, a.maker, a.content_hash
from pension.idou_proposal as p
join pension.idou_proposal as other
    on other.shikaku_key = p.shikaku_key and other.action = 'loss' and other.approval_id <> p.approval_id
join ledger.approval as a on a.approval_id = other.approval_id
where p.approval_id = any(cast(:approvals as bigint[])) and a.decision is null
order by p.approval_id, a.approval_id
