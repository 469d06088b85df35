-- what:   changes of the registry that wait for a second person
-- basis:  P53, P81
-- grain:  one approval
-- params: none
select approval_id from ledger.approval where kind = 'tourokubo' and decision is null order by approval_id
