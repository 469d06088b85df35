-- what:   approvals of a kind that nobody has decided yet
-- basis:  decisions, Backup and restore
-- grain:  one approval
-- params: kind
select approval_id from ledger.approval where kind = :kind and decision is null order by approval_id
