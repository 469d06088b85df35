-- what:   how many of the rows that a request has destroyed are still there (0)
-- basis:  spec 9 (検証: the query returns 0)
-- grain:  one row
-- params: retirement_id
select count(*)
from ledger.retirement_item as i
where i.retirement_id = :retirement_id and i.gone_at is not null and (
    exists (select from pension.atena as a where a.atena_no = i.atena_no and a.recorded_at <= i.gone_at)
    or exists (select from ledger.object as o where o.object_id = i.object_id and o.gone_at is null)
)
