-- what:   the objects of the archive: what each is, from when until when it is kept, and what has become of it
-- basis:  spec 9
-- grain:  one object
-- params: dataset, period, object_id, name
select o.object_id, o.object_key, o.class, o.dataset, o.period, o.name, o.origin, o.personal, o.bytes, o.sha256, o.sealed_sha256,
    o.kept_from, o.due_on, o.archived_at, o.cleared_at, o.key_gone_at, o.gone_at, h.handed_on
from ledger.object as o left join ledger.hikiwatashi as h using (output_id)
where (cast(:dataset as text) is null or o.dataset = :dataset) and (cast(:period as text) is null or o.period = :period)
    and (cast(:object_id as bigint) is null or o.object_id = :object_id) and (cast(:name as text) is null or o.name = :name)
order by o.object_id
