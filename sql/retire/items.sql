-- what:   the list of a request, in its order, with what became of each
-- basis:  spec 9
-- grain:  one thing
-- params: retirement_id
select i.item, i.retirement_id, r.class, r.list_hash, i.kind, i.key, i.object_id, i.dataset, i.sha256, i.bytes, i.kept_from,
    i.due_on, i.begun_at, i.gone_at, i.left_why, o.name, o.origin, o.sha256 as clear_sha256, i.atena_no
from ledger.retirement_item as i
join ledger.retirement as r using (retirement_id)
left join ledger.object as o on o.object_id = i.object_id
where i.retirement_id = :retirement_id
order by i.item
