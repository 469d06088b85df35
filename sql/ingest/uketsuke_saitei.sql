-- what:   裁定請求 and the like stand in their 裁定受付, 59 and 62 in that of their 年金コード, unless the intake, or a 裁定 of the same
--         day and 証書番号, is there already
-- basis:  評価書 別添2 (老齢・障害・遺族・老齢福祉年金裁定受付)
-- grain:  one intake
-- params: todoke (names: table)
insert into pension.{table} (atena_no, kiso_nenkin_no, shousho_no, todoke_code, nenkin_code, uketsuke_on, seikyusha_name,
    shibou_on, shindansho_flag, row_key, file_id, line, kettei_flag, uketsuke_no)
select u.atena_no, u.kiso_nenkin_no, u.shousho_no, u.todoke_code, u.nenkin_code, u.juri_on, u.seikyusha_name, u.shibou_on,
    u.shindansho_flag, '受付-' || u.uketsuke_no, u.file_id, u.line, false, u.uketsuke_no
from pension.uketsuke_standing as u
join jsonb_to_recordset(cast(:todoke as jsonb)) as t (todoke_code text, "group" text, groups jsonb) using (todoke_code)
where coalesce(t.group, t.groups ->> u.nenkin_code) = '{table}'
    and not exists (select 1 from pension.{table} as g where g.uketsuke_no = u.uketsuke_no and g.superseded_at is null)
    and not exists (
        select 1 from pension.{table} as g
        where g.superseded_at is null and g.kettei_flag and g.atena_no = u.atena_no and g.todoke_code = u.todoke_code
            and g.uketsuke_on = u.juri_on and g.shousho_no is not distinct from u.shousho_no
    )
