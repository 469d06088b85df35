-- what:   the staged rows that enter pension.nenkin_kihon
-- basis:  評価書 別添2 (移行)
-- grain:  one row of the file; returns its line, number and person
-- params: file_id, version
insert into pension.nenkin_kihon (atena_no, kiso_nenkin_no, tel_no, kyu_nenkin_no, row_key, file_id, line, file_version)
select s.atena_no, s.kiso_nenkin_no, s.tel_no, s.kyu_nenkin_no, s.row_key, :file_id, s.line, :version
from staging.ikou_nenkin_kihon_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by s.line
