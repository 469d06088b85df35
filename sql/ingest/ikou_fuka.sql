-- what:   the staged rows that enter pension.fuka
-- basis:  評価書 別添2 (移行)
-- grain:  one row of the file; returns its line, number and person
-- params: file_id, version
insert into pension.fuka (kiso_nenkin_no, kanyu_on, dattai_on, row_key, file_id, line, file_version)
select s.kiso_nenkin_no, s.kanyu_on, s.dattai_on, s.row_key, :file_id, s.line, :version
from staging.ikou_fuka_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by s.line
