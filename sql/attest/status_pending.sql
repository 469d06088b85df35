-- what:   how many approvals of each kind wait
-- basis:  P53
-- grain:  one kind
-- params: none
select kind, count(*) as n from ledger.approval where decision is null group by kind order by kind
