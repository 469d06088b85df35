-- what:   requests of a class that nobody has decided yet
-- basis:  spec 9
-- grain:  one request
-- params: name
select r.retirement_id, r.approval_id, r.list_hash, a.expires_at < now() as expired
from ledger.retirement as r join ledger.approval as a using (approval_id)
where r.class = :name and a.decision is null
order by r.retirement_id
