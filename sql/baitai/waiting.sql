-- what:   archives that are on no medium and were not handed over
-- basis:  P39; P40
-- grain:  one archive
-- params: none
select m.medium_no, m.kind, m.recipient, m.archive_name, o.dataset, o.period, o.name
from ledger.medium as m
join ledger.output as o using (output_id)
where o.released_at is not null
    and not exists (select 1 from ledger.hikiwatashi as h where h.output_id = m.output_id)
    and not exists (select 1 from ledger.baitai_noru as n where n.medium_no = m.medium_no)
order by m.medium_no
