-- what:   the archived objects that the database knows, whether their keys were destroyed, and how many records an original had
-- basis:  decisions, Backup and restore
-- grain:  one object
-- params: none
select o.object_key, o.class, o.dataset, o.period, o.name, o.origin, o.personal, o.bytes, o.sha256, o.sealed_bytes,
    o.sealed_sha256, o.kept_from, o.due_on, o.key_gone_at is not null as gone, f.data_count
from ledger.object as o left join ledger.file as f using (file_id)
order by o.object_id
