-- what:   rows that a run held back: file, line, fields and kinds, never a value; also those that an interrupted
--         run of its job held back and that stand on no list
-- basis:  spec 3; decisions, Lists, reproductions, notices
-- grain:  one line of one file
-- params: run_id
select f.dataset, f.name, q.line, q.fields, q.kinds
from ledger.run as this
join ledger.run as r on r.run_id = this.run_id or (r.job = this.job and r.error_code = 'NP-1018')
join ledger.file as f on f.run_id = r.run_id
join ledger.quarantine as q using (file_id)
where this.run_id = cast(:run_id as uuid) and (r.run_id = this.run_id or not exists (
    select 1 from ledger.paper as p
    where p.lost_at is null and starts_with(p.path, 'shori_kekka/')
        and starts_with(split_part(p.path, '/', 3), f.name || '_')
))
order by f.file_id, q.line
