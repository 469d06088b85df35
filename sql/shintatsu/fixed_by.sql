-- what:   what a run fixed
-- basis:  P85
-- grain:  one approval
-- params: run_id
select approval_id from ledger.approval where kind = 'shintatsu' and run_id = cast(:run_id as uuid) order by approval_id
