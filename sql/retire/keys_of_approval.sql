-- what:   what the list of an approval names
-- basis:  spec 9
-- grain:  one thing
-- params: approval_id
select i.key
from ledger.retirement_item as i join ledger.retirement as r using (retirement_id)
where r.approval_id = :approval_id
