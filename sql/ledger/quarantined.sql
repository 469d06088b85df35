-- what:   rows that a run held back: file, line, fields and kinds, never a value
-- basis:  spec 3
-- grain:  one line of one file
-- params: run_id
select f.dataset, f.name, q.line, q.fields, q.kinds
from ledger.quarantine as q
join ledger.file as f using (file_id)
where f.run_id = cast(:run_id as uuid)
order by f.file_id, q.line
