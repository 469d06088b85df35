-- what:   the archive of a file that has left, by its own name or the file's, and whether it was handed over
-- basis:  P39; P40
-- grain:  at most one archive
-- params: name
select m.medium_no, m.kind, m.recipient, m.archive_name, m.archive_sha256, m.key_name, o.dataset, o.period, o.name, h.handed_on
from ledger.medium as m
join ledger.output as o using (output_id)
left join ledger.hikiwatashi as h using (output_id)
where :name in (m.archive_name, o.name) and o.released_at is not null
order by m.medium_no desc limit 1
