-- what:   objects whose period is over, whether they are held, and whether a request that goes on names them
-- basis:  spec 9
-- grain:  one object, oldest first
-- params: name, as_of
select o.object_id, o.object_key as key, o.name, o.sealed_sha256 as sha256, o.dataset, o.sealed_bytes as bytes, o.kept_from,
    o.due_on,
    exists (select from ledger.object_held as h where h.object_id = o.object_id) as held,
    exists (select from ledger.shoukyo_asked as a where a.object_id = o.object_id) as asked
from ledger.object as o
where o.class = :name and o.due_on < :as_of and o.key_gone_at is null
order by o.due_on, o.object_id
