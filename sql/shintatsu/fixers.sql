-- what:   the runs that fixed what a run opened, and another person approved
-- basis:  P85
-- grain:  one run
-- params: run_id
select distinct a.run_id
from ledger.shintatsu_ima as i join ledger.approval as a using (approval_id)
where i.run_id = cast(:run_id as uuid) and i.state = 'approved'
order by a.run_id
