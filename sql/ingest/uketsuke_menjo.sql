-- what:   届出 and 申請 of 免除 (31, 33, 34, 41, 42) stand as 受付, unless the intake, or 免除 of the same kind and 始期, is decided already
-- basis:  評価書 別添2 (免除; without 始期 that of 免除年度, students: of 年度); 国民年金法第89条第1項 (法定免除: from the month before 該当日)
-- grain:  one intake with a 基礎年金番号 (its own, else the only one of the person)
-- params: todoke (names: table)
with intake as (
    select
        u.uketsuke_no, u.file_id, u.line, u.gakko_name,
        coalesce(
            u.kiso_nenkin_no, (select o.kiso_nenkin_no from pension.kiso_nenkin_no_only as o where o.atena_no = u.atena_no)
        ) as kiso_nenkin_no,
        coalesce(t.menjo_code, nullif(u.menjo_code, '00')) as menjo_code,
        coalesce(u.menjo_from_month, case u.todoke_code
            when '31' then date_trunc('month', u.gaitou_on) - interval '1 month'
            when '42' then make_date(u.menjo_year, pension.kijitsu_on('gakusei_nendo', u.juri_on), 1)
            when '41' then make_date(u.menjo_year, pension.kijitsu_on('menjo_nendo', u.juri_on), 1)
        end) as from_month,
        u.menjo_to_month as to_month
    from pension.uketsuke_standing as u
    join jsonb_to_recordset(cast(:todoke as jsonb)) as t (todoke_code text, "group" text, menjo_code text) using (todoke_code)
    where t.group = 'menjo' and not (
        -- 生活扶助 of foreign residents is 準用: no 法定免除 by itself (they apply for 申請免除)
        u.todoke_code = '31' and u.jiyu_code = '71'
        and exists (select 1 from pension.atena_ima as a where a.atena_no = u.atena_no and a.jumin_shubetsu_code = '2')
    )
)
insert into pension.{table} (kiso_nenkin_no, menjo_code, from_month, to_month, gakko_name, row_key, file_id, line,
    kettei_flag, uketsuke_no)
select i.kiso_nenkin_no, i.menjo_code, i.from_month, i.to_month, i.gakko_name, '受付-' || i.uketsuke_no, i.file_id, i.line,
    false, i.uketsuke_no
from intake as i
where i.kiso_nenkin_no is not null and i.menjo_code is not null and i.from_month is not null
    and not exists (select 1 from pension.{table} as g where g.uketsuke_no = i.uketsuke_no and g.superseded_at is null)
    and not exists (
        select 1 from pension.{table} as g
        where g.superseded_at is null and g.kettei_flag and g.kiso_nenkin_no = i.kiso_nenkin_no and g.menjo_code = i.menjo_code
            and g.from_month = i.from_month and g.saitei_kekka_code is distinct from '04'
    )
