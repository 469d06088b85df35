-- what:   approved requests that are not done, or done and not certified although something went
-- basis:  spec 9 (interrupted anywhere it goes on from its ledger)
-- grain:  one request
-- params: none
select r.retirement_id, r.done_at is not null as done
from ledger.retirement as r join ledger.approval as a using (approval_id)
where a.decision = 'approved' and (r.done_at is null or (r.certified_at is null and exists (
    select from ledger.retirement_item as t where t.retirement_id = r.retirement_id and t.gone_at is not null
)))
order by r.retirement_id
