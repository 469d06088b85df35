-- what:   files that were sent and are unconfirmed: the term of the recipient's word is over, it refused, or it says both
-- basis:  F27
-- grain:  one file
-- params: datasets, today
-- decides: which files that were sent are unconfirmed
select output_id, dataset, name, partner, attempt, sent_at, due_on, rows, state, odd
from ledger.soushin_ima
where (cast(:datasets as text[]) is null or dataset = any(cast(:datasets as text[])))
    and (state in ('refused', 'conflict') or (state = 'waiting' and due_on < :today))
order by due_on, output_id
