-- what:   other losses proposed for the same 資格: the first approved wins, these are superseded
-- basis:  decisions, 異動 -> 資格
-- grain:  one pending approval
-- params: shikaku_key, approval_id
select p.approval_id as id, a.maker, a.content_hash from pension.idou_proposal as p join ledger.approval as a using (approval_id)
where p.shikaku_key = :shikaku_key and p.action = 'loss' and a.decision is null and p.approval_id <> :approval_id
order by p.approval_id
