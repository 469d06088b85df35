-- what:   originals that are kept and whose bytes are not in: the database went back to before they were taken in
-- basis:  decisions, Backup and restore; F30
-- grain:  one object
-- params: none
select o.object_key, o.dataset, o.period, o.name, o.sha256, o.bytes
from ledger.object as o
where o.class = 'C' and o.key_gone_at is null
    and not exists (select from ledger.file as f where f.dataset = o.dataset and f.sha256 = o.sha256 and f.outcome = 'accepted')
order by o.object_id
