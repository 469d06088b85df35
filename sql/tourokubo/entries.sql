-- what:   the changes of the registry that were put before a second person, and what became of them
-- basis:  P79–P81
-- grain:  one row of a change, the last first
-- params: none
select t.approval_id as approval, t.row_id, t.content is null as removed, a.maker, a.made_at, a.decision, a.checker,
    a.decided_at, t.from_on
from ledger.tourokubo as t join ledger.approval as a using (approval_id)
order by t.approval_id desc, t.row_id
