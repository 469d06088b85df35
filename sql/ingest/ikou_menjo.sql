-- what:   the staged rows that enter pension.menjo
-- basis:  評価書 別添2 (移行)
-- grain:  one row of the file; returns its line, number and person
-- params: file_id, version
insert into pension.menjo (kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, shoumetsu_on, soufu_on, gakko_name, row_key, file_id, line, file_version)
select s.kiso_nenkin_no, s.menjo_code, s.from_month, s.to_month, s.saitei_kekka_code, s.shoumetsu_on, s.soufu_on, s.gakko_name, s.row_key, :file_id, s.line, :version
from staging.ikou_menjo_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by s.line
