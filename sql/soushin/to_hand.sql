-- what:   files whose recipient says that it has them and that are not handed over yet for the archive
-- basis:  P39; F27
-- grain:  one file
-- params: datasets
select o.output_id, o.name, o.dataset, min(k.juryou_id) as juryou_id
from ledger.juryou as k
join ledger.soushin as s using (soushin_id)
join ledger.output as o using (output_id)
where k.result = 'accepted' and o.dataset = any(cast(:datasets as text[]))
    and not exists (select 1 from ledger.hikiwatashi as h where h.output_id = o.output_id)
group by o.output_id, o.name, o.dataset
order by o.output_id
