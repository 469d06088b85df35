-- what:   申出 of 付加 (21) stand as 受付, unless the intake, or 付加 from the same day, is decided already
-- basis:  評価書 別添2 (付加); 国民年金法第87条の2
-- grain:  one intake with a 基礎年金番号 (its own, else the only one of the person)
-- params: todoke (names: table)
with intake as (
    select
        u.uketsuke_no, u.file_id, u.line, coalesce(u.gaitou_on, u.juri_on) as kanyu_on,
        coalesce(
            u.kiso_nenkin_no, (select o.kiso_nenkin_no from pension.kiso_nenkin_no_only as o where o.atena_no = u.atena_no)
        ) as kiso_nenkin_no
    from pension.uketsuke_standing as u
    join jsonb_to_recordset(cast(:todoke as jsonb)) as t (todoke_code text, "group" text) using (todoke_code)
    where t.group = 'fuka'
)
insert into pension.{table} (kiso_nenkin_no, kanyu_on, row_key, file_id, line, kettei_flag, uketsuke_no)
select i.kiso_nenkin_no, i.kanyu_on, '受付-' || i.uketsuke_no, i.file_id, i.line, false, i.uketsuke_no
from intake as i
where i.kiso_nenkin_no is not null
    and not exists (select 1 from pension.{table} as g where g.uketsuke_no = i.uketsuke_no and g.superseded_at is null)
    and not exists (
        select 1 from pension.{table} as g
        where g.superseded_at is null and g.kettei_flag and g.kiso_nenkin_no = i.kiso_nenkin_no and g.kanyu_on = i.kanyu_on
    )
