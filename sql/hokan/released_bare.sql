-- what:   files that have left and were not handed over, with their media, and the names of their parts that are in the archive
-- basis:  spec 9; P40
-- grain:  one version
-- params: datasets
select o.output_id, o.dataset, o.period, o.name, o.sha256, m.archive_name, m.archive_sha256, m.key_name,
    array(select k.name from ledger.object as k where k.output_id = o.output_id order by k.name) as kept
from ledger.output as o left join ledger.medium as m using (output_id)
where o.released_at is not null and o.dataset = any(cast(:datasets as text[]))
    and not exists (select 1 from ledger.hikiwatashi as h where h.output_id = o.output_id)
order by o.output_id
