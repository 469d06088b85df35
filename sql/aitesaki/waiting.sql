-- what:   what waits for a second person about a partner
-- basis:  P57
-- grain:  one approval
-- params: partner
select a.approval_id
from ledger.aitesaki as e
join ledger.approval as a using (approval_id)
where e.partner = :partner and a.decision is null
