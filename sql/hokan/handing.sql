-- what:   a file that has left, since when (by the clock of the database, or the day of its run), and whether it was handed over
-- basis:  P39; P40
-- grain:  at most one version
-- params: name
select o.output_id, o.dataset, o.name, h.handed_on,
    least(
        cast(o.released_at as date),
        (select min(b.kept_from) from ledger.object as b where b.output_id = o.output_id and b.class = 'D')
    ) as released_on
from ledger.output as o left join ledger.hikiwatashi as h using (output_id)
where o.released_at is not null and o.name = :name
order by o.output_id desc limit 1
