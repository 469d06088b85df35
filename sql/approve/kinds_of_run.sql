-- what:   the kinds of which something waits for a second person because of a run
-- basis:  P53
-- grain:  one kind
-- params: run_id
select kind, count(*) as waiting
from ledger.approval
where decision is null and run_id = cast(:run_id as uuid)
group by kind
order by kind
