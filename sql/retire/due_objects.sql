-- what:   objects whose period is over, whether they are held, and whether a request that goes on names them
-- basis:  spec 9; 評価書 Ⅲ7 リスク3
-- grain:  one object, oldest first
-- params: name, as_of
select o.object_id, o.object_key as key, o.name, o.sealed_sha256 as sha256, o.dataset, o.sealed_bytes as bytes, o.kept_from, o.due_on,
    exists (select from ledger.object_held as h where h.object_id = o.object_id) as held,
    exists (
        select from ledger.retirement_item as t
        join ledger.retirement as r using (retirement_id)
        join ledger.approval as a using (approval_id)
        where t.object_id = o.object_id and t.left_why is null and r.done_at is null and coalesce(a.decision, 'approved') = 'approved'
            and (a.decision is not null or a.expires_at >= now())
    ) as asked
from ledger.object as o
where o.class = :name and o.due_on < :as_of and o.key_gone_at is null
order by o.due_on, o.object_id
