-- 所得照会: the months that may be applied for, and 20歳前傷病.

-- Which months 免除・納付猶予 (41) and 学生納付特例 (42) may be applied for, by the day of 受理: the calendar of 納付期限 as a table.
-- core/law/shinsei.py makes it, init writes it.
create table pension.shinsei_kikan (
    todoke_code text not null,
    from_on date not null,
    until_on date not null,
    first_month date not null,
    last_month date not null,
    primary key (todoke_code, from_on),
    check (from_on <= until_on and first_month <= last_month)
);
comment on table pension.shinsei_kikan is '免除等を申請できる期間（受理の日ごと）';
comment on column pension.shinsei_kikan.todoke_code is '届書種別';
comment on column pension.shinsei_kikan.from_on is '受理の初日';
comment on column pension.shinsei_kikan.until_on is '受理の末日';
comment on column pension.shinsei_kikan.first_month is '申請できる最初の月';
comment on column pension.shinsei_kikan.last_month is '申請できる最後の月';
grant select on pension.shinsei_kikan to kokunen_app;

-- A stretch of months for people, nothing when it is none: 2024年7月, 2024年7月～2024年9月.
create function pension.tsuki(p_first date, p_last date) returns text language sql stable as $$
    select case when p_first <= p_last then
        to_char(p_first, 'FMYYYY"年"FMMM"月"')
            || case when p_first < p_last then to_char(p_last, '"～"FMYYYY"年"FMMM"月"') else '' end
    end
$$;
comment on function pension.tsuki is '月の範囲の表記';
revoke all on function pension.tsuki from public;
grant execute on function pension.tsuki to kokunen_app;

-- The months that an application names (始期 to 終期; without 終期 the first alone; without both its 年度), what of them may be
-- applied for (nothing: null), and the rest in words.
-- decides: which months of an application may be applied for, and which may not
create view pension.shinsei_tsuki as
with named as (
    select u.uketsuke_id, k.first_month, k.last_month,
        coalesce(u.menjo_from_month, n.begins) as from_month,
        case when u.menjo_from_month is null then (n.begins + interval '11 months')::date
            else coalesce(u.menjo_to_month, u.menjo_from_month)
        end as to_month
    from pension.uketsuke_ima as u
    cross join lateral (
        select make_date(u.menjo_year, pension.kijitsu_on(
            case u.todoke_code when '42' then 'gakusei_nendo' else 'menjo_nendo' end, u.juri_on
        ), 1) as begins
    ) as n
    cross join lateral (
        select s.first_month, s.last_month from pension.shinsei_kikan as s
        where s.todoke_code = u.todoke_code and s.from_on <= u.juri_on
        order by s.from_on desc limit 1
    ) as k
    where u.todoke_code in ('41', '42')
),
cut as (
    select n.uketsuke_id, n.from_month, n.to_month,
        greatest(n.from_month, n.first_month) as first_month, least(n.to_month, n.last_month) as last_month,
        pension.tsuki(n.from_month, least(n.to_month, (n.first_month - interval '1 month')::date)) as early,
        pension.tsuki(greatest(n.from_month, (n.last_month + interval '1 month')::date), n.to_month) as late
    from named as n
    where n.from_month <= n.to_month
)
select uketsuke_id, from_month, to_month,
    case when first_month <= last_month then first_month end as first_month,
    case when first_month <= last_month then last_month end as last_month,
    nullif(concat_ws('、', early, late), '') as outside
from cut;
comment on view pension.shinsei_tsuki is '申請の月のうち、申請できるものとできないもの';
grant select on pension.shinsei_tsuki to kokunen_app;

-- 20歳前傷病 (国民年金法第30条の4): by its 年金コード (6350; 2650, the former 障害福祉年金), else by a 初診日 before the day of reaching
-- that age, which is the day before the birthday. Nothing when neither tells: a 初診日 and the 年金コード 5350 tell that it is none.
-- decides: whether the income of a claim for or a report on 障害基礎年金 counts
create function pension.hatachi_mae(p_nenkin_code text, p_shoshin_on date, p_birth_on date) returns boolean
language sql stable as $$
    select case
        when p_nenkin_code in ('6350', '2650') then true
        when p_shoshin_on is not null
            then extract(year from age(p_shoshin_on + 1, p_birth_on)) < pension.kijitsu_on('shogai', p_shoshin_on)
        when p_nenkin_code = '5350' then false
    end
$$;
comment on function pension.hatachi_mae is '20歳前傷病による障害基礎年金か（分からなければ空）';
revoke all on function pension.hatachi_mae from public;
grant execute on function pension.hatachi_mae to kokunen_app;

-- The claims and reports whose income depends on 20歳前傷病, with what is known of it. The birth date is that of 宛名; where there is
-- none, or 不詳, that of the intake.
create view pension.shogai_todoke as
select u.uketsuke_id,
    pension.hatachi_mae(
        u.nenkin_code, u.shoshin_on, coalesce(case when not a.birth_fusho_flag then a.birth_on end, u.birth_on)
    ) as hatachi_mae
from pension.uketsuke_ima as u
left join pension.atena_ima as a using (atena_no)
where u.todoke_code in ('52', '60', '61');
comment on view pension.shogai_todoke is '障害基礎年金の請求と届出が20歳前傷病によるものか';
grant select on pension.shogai_todoke to kokunen_app;

-- Whose income of which 相当年度 an open intake needs: 免除年度 for 免除・納付猶予, 年度 for students, of the months that may be applied
-- for. 20歳前障害 alone: the income of a year decides October to September; from July on the next year's papers are there, and count
-- too. What is asked, judged and printed, all come from here.
-- decides: whose income of which years may be asked for, and for what reason
create or replace view pension.shotoku_needed as
with needing as (
    select u.*,
        case when u.todoke_code in ('41', '42') then t.first_month
            else (u.juri_on - make_interval(months => pension.kijitsu_on('shogai_nendo', u.juri_on) - 1))::date
        end as first_day,
        case when u.todoke_code in ('41', '42') then t.last_month
            else (u.juri_on - make_interval(months => pension.kijitsu_on('shogai_shotoku', u.juri_on) - 1))::date
        end as last_day,
        -- months between a 年度 and the calendar year that begins it
        make_interval(months => case u.todoke_code
            when '41' then pension.kijitsu_on('menjo_nendo', u.juri_on) - 1
            when '42' then pension.kijitsu_on('gakusei_nendo', u.juri_on) - 1
            else 0
        end) as shifted
    from pension.uketsuke_open as u
    left join pension.shinsei_tsuki as t using (uketsuke_id)
    left join pension.shogai_todoke as d using (uketsuke_id)
    where t.first_month is not null or d.hatachi_mae
)
select distinct on (s.uketsuke_no, p.atena_no, y.soutou_year)
    s.uketsuke_no, p.kankei_code, p.atena_no, y.soutou_year,
    case s.todoke_code
        when '42' then '03' when '52' then '04' when '60' then '05' when '61' then '05'
        else case s.menjo_code when '30' then '02' else '01' end
    end as shoukai_jiyu_code
from needing as s
cross join lateral (
    values ('1', s.atena_no), ('2', case when s.todoke_code = '41' then s.haiguusha_atena_no end),
        ('3', case when s.todoke_code = '41' and s.menjo_code is distinct from '30' then s.setainushi_atena_no end)
) as p (kankei_code, atena_no)
cross join lateral generate_series(
    extract(year from s.first_day - s.shifted)::integer, extract(year from s.last_day - s.shifted)::integer
) as y (soutou_year)
where p.atena_no is not null
order by s.uketsuke_no, p.atena_no, y.soutou_year, p.kankei_code;
