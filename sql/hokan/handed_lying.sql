-- what:   parts of files that were handed over, whose clear ones still lie there
-- basis:  spec 9; P40
-- grain:  one object
-- params: none
select o.object_id, o.name, o.origin, o.sha256, case when o.key_gone_at is null then o.object_key end as object_key
from ledger.object as o
join ledger.hikiwatashi as h on h.output_id = o.output_id
where o.cleared_at is null
order by o.object_id
