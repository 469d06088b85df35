-- what:   files that have left, with their media, which of their parts were told to be missing, which went when they were handed
--         over
-- basis:  faults, Promise 4; P40
-- grain:  one version
-- params: datasets
select o.output_id, o.dataset, o.period, o.name, o.rows, o.sha256, m.archive_name, m.archive_sha256, m.key_name,
    array(select t.part from ledger.output_missing as t where t.output_id = o.output_id order by t.part) as told,
    array(
        select k.name from ledger.object as k where k.output_id = o.output_id and k.cleared_at is not null order by k.name
    ) as cleared
from ledger.output as o left join ledger.medium as m using (output_id)
where o.released_at is not null and o.dataset = any(cast(:datasets as text[]))
order by o.output_id
