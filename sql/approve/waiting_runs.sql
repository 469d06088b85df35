-- what:   what waits for a second person, by the run that proposed it: what the page must ask about, and nothing else
-- basis:  P53
-- grain:  one kind of one run; by_hand: no run of the page, which asks by itself when it ends
-- params: none
select r.run_id::text as run_id, r.job, r.period, a.kind, r.run_key is null and r.state <> 'running' as by_hand,
    array_agg(a.approval_id order by a.approval_id) as ids
from ledger.approval as a join ledger.run as r using (run_id)
where a.decision is null
group by r.run_id, a.kind
order by min(a.approval_id), a.kind
