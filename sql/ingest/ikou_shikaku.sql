-- what:   the staged rows that enter pension.shikaku
-- basis:  評価書 別添2 (移行)
-- grain:  one row of the file; returns its line, number and person
-- params: file_id, version
insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on, lost_on, soushitsu_jiyu_code, soushitsu_riyu, row_key, file_id, line, file_version)
select s.atena_no, s.kiso_nenkin_no, s.shubetsu_code, s.acquired_on, s.shutoku_jiyu_code, s.shubetsu_henkou_on, s.lost_on, s.soushitsu_jiyu_code, s.soushitsu_riyu, s.row_key, :file_id, s.line, :version
from staging.ikou_shikaku_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by s.line
