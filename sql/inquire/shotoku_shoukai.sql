-- what:   persons and 相当年度 whose income an open, confirmed intake needs and that were not asked for it yet
-- basis:  評価書 Ⅲ-2 リスク1; decisions, 所得照会; 国民年金法施行規則第77条の2 (July-June; students April-March; 申請 reaches 2 years and a month back)
-- grain:  one person and 相当年度 of an intake, in the order of the file
-- params: none
with needing as (
    select
        u.*,
        -- months between a 年度 and the calendar year that begins it
        make_interval(months => case u.todoke_code when '42' then 3 else 6 end) as shifted,
        greatest(u.menjo_from_month, date_trunc('month', u.juri_on) - interval '25 months') as first_month,
        coalesce(u.menjo_to_month, u.menjo_from_month) as last_month
    from pension.uketsuke_ima as u
    where u.kakunin_flag and u.jotai_code in ('1', '2', '5') and u.todoke_code in ('41', '42', '52', '60')
),
spanned as (
    select
        n.*,
        case when todoke_code in ('52', '60') then extract(year from juri_on - shifted)
            when menjo_from_month is null then menjo_year else extract(year from first_month - shifted) end::integer as first_year,
        case when todoke_code in ('52', '60') then extract(year from juri_on - shifted)
            when menjo_from_month is null then menjo_year else extract(year from last_month - shifted) end::integer as last_year
    from needing as n
),
asked as (
    select distinct on (s.uketsuke_no, p.atena_no, y.soutou_year)
        s.uketsuke_no, p.kankei_code, p.atena_no, y.soutou_year,
        case s.todoke_code when '42' then '03' when '52' then '04' when '60' then '05' else case s.menjo_code when '30' then '02' else '01' end end
            as shoukai_jiyu_code
    from spanned as s
    cross join lateral (
        values ('1', s.atena_no), ('2', case when s.todoke_code = '41' then s.haiguusha_atena_no end),
            ('3', case when s.todoke_code = '41' and s.menjo_code is distinct from '30' then s.setainushi_atena_no end)
    ) as p (kankei_code, atena_no)
    cross join lateral generate_series(s.first_year, least(s.last_year, s.first_year + 3)) as y (soutou_year)
    where p.atena_no is not null
    order by s.uketsuke_no, p.atena_no, y.soutou_year, p.kankei_code
)
select * from asked as a
where not exists (
    select 1 from pension.shotoku_shoukai as q
    where q.uketsuke_no = a.uketsuke_no and q.atena_no = a.atena_no and q.soutou_year = a.soutou_year
)
order by a.uketsuke_no, a.kankei_code, a.soutou_year
