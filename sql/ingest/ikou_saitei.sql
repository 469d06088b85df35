-- what:   the staged rows that enter pension.saitei_*
-- basis:  評価書 別添2 (移行): 51 59 老齢, 52 58 60 障害, 53-56 遺族, 57 老齢福祉; other 届書種別 go to 老齢福祉 with 証書番号
-- grain:  one row of the file; returns its line, number and person
-- params: file_id, version
with saitei_rorei as (
insert into pension.saitei_rorei (atena_no, kiso_nenkin_no, shousho_no, todoke_code, nenkin_code, uketsuke_on, seikyusha_name, shibou_on, shindansho_flag, kekka_code, row_key, file_id, line, file_version)
select s.atena_no, s.kiso_nenkin_no, s.shousho_no, s.todoke_code, s.nenkin_code, s.uketsuke_on, s.seikyusha_name, s.shibou_on, s.shindansho_flag, s.kekka_code, s.row_key, :file_id, s.line, :version
from staging.ikou_saitei_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
    and s.todoke_code in ('51', '59')
order by s.line
    returning 1
),
saitei_shogai as (
insert into pension.saitei_shogai (atena_no, kiso_nenkin_no, shousho_no, todoke_code, nenkin_code, uketsuke_on, seikyusha_name, shibou_on, shindansho_flag, kekka_code, row_key, file_id, line, file_version)
select s.atena_no, s.kiso_nenkin_no, s.shousho_no, s.todoke_code, s.nenkin_code, s.uketsuke_on, s.seikyusha_name, s.shibou_on, s.shindansho_flag, s.kekka_code, s.row_key, :file_id, s.line, :version
from staging.ikou_saitei_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
    and s.todoke_code in ('52', '58', '60')
order by s.line
    returning 1
),
saitei_izoku as (
insert into pension.saitei_izoku (atena_no, kiso_nenkin_no, shousho_no, todoke_code, nenkin_code, uketsuke_on, seikyusha_name, shibou_on, shindansho_flag, kekka_code, row_key, file_id, line, file_version)
select s.atena_no, s.kiso_nenkin_no, s.shousho_no, s.todoke_code, s.nenkin_code, s.uketsuke_on, s.seikyusha_name, s.shibou_on, s.shindansho_flag, s.kekka_code, s.row_key, :file_id, s.line, :version
from staging.ikou_saitei_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
    and s.todoke_code in ('53', '54', '55', '56')
order by s.line
    returning 1
),
saitei_rofuku as (
insert into pension.saitei_rofuku (atena_no, kiso_nenkin_no, shousho_no, todoke_code, nenkin_code, uketsuke_on, seikyusha_name, shibou_on, shindansho_flag, kekka_code, row_key, file_id, line, file_version)
select s.atena_no, s.kiso_nenkin_no, s.shousho_no, s.todoke_code, s.nenkin_code, s.uketsuke_on, s.seikyusha_name, s.shibou_on, s.shindansho_flag, s.kekka_code, s.row_key, :file_id, s.line, :version
from staging.ikou_saitei_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
    and s.todoke_code not in ('51', '52', '53', '54', '55', '56', '58', '59', '60')
order by s.line
    returning 1
)
select (select count(*) from saitei_rorei) + (select count(*) from saitei_shogai) + (select count(*) from saitei_izoku) + (select count(*) from saitei_rofuku) as entered
