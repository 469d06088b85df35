-- what:   files that were sent and of which the recipient does not say that it has them, until the day the list is about
-- basis:  F27
-- grain:  one file
-- params: first_on, last_on
select i.dataset, i.name, i.partner, i.attempt, i.sent_at, i.due_on, i.rows, i.state, i.odd, s.business_on
from ledger.soushin_ima as i
join ledger.soushin as s using (soushin_id)
where (i.state in ('refused', 'conflict') or (i.state = 'waiting' and i.due_on < :last_on))
    and s.business_on between :first_on and :last_on
order by i.due_on, i.output_id
