-- 集合の名前と法令の期日: what is asked in many places has one name; what a law says in numbers is read from mappings/kijitsu.yaml.

-- The row of 宛名 that a person has now. (The row in force on a day is another question, and so is the newest row of all.)
create view pension.atena_ima as
select a.*
from pension.atena as a
where a.superseded_at is null and not a.sakujo_flag and not exists (
    select 1 from pension.atena as n
    where n.atena_no = a.atena_no and n.superseded_at is null and not n.sakujo_flag and n.rireki_no > a.rireki_no
);
comment on view pension.atena_ima is '宛名の最新の履歴（削除されたものを除く）';

-- Confirmed intakes by their 状態: OPEN and STANDING of etl/core/states.py.
create view pension.uketsuke_open as
select * from pension.uketsuke_ima where kakunin_flag and jotai_code in ('1', '2', '5');
comment on view pension.uketsuke_open is '市の処理が続いている受付（確認済み）';
create view pension.uketsuke_standing as
select * from pension.uketsuke_ima where kakunin_flag and jotai_code in ('1', '2', '4', '5');
comment on view pension.uketsuke_standing is '取下げも登録もされていない受付（確認済み）';

-- Deadlines and ages of the law, each for the days on which it says so. ``kokunen init`` writes them from mappings/kijitsu.yaml.
create table pension.kijitsu (
    name text not null,
    from_on date not null,
    until_on date not null,
    amount integer not null,
    unit text not null,
    article text not null,
    primary key (name, from_on),
    check (from_on <= until_on)
);
comment on table pension.kijitsu is '法令の期日・年齢';
comment on column pension.kijitsu.name is '名前';
comment on column pension.kijitsu.from_on is '適用の初日';
comment on column pension.kijitsu.until_on is '適用の末日';
comment on column pension.kijitsu.amount is '数';
comment on column pension.kijitsu.unit is '単位';
comment on column pension.kijitsu.article is '根拠条文';

-- What the law says on a day; an error, never nothing, where it does not say.
create function pension.kijitsu_on(p_name text, p_on date) returns integer language plpgsql stable as $$
declare
    found_amount integer;
begin
    select k.amount into strict found_amount from pension.kijitsu as k
    where k.name = p_name and p_on between k.from_on and k.until_on;
    return found_amount;
end $$;
comment on function pension.kijitsu_on is '法令の期日・年齢（その日現在）';

grant select on pension.atena_ima, pension.uketsuke_open, pension.uketsuke_standing, pension.kijitsu to kokunen_app;
revoke all on function pension.kijitsu_on from public;
grant execute on function pension.kijitsu_on to kokunen_app;

-- From here on the views and the function of 0011 to 0013, by these names.

-- What may be answered now: the question is open and so is its intake.
-- decides: which answers of income may be taken in
create or replace view pension.shotoku_open as
select q.shoukai_no, q.uketsuke_no, q.atena_no, q.soutou_year, q.answered_by_file
from pension.shotoku_shoukai as q
join pension.uketsuke_open as u using (uketsuke_no);

-- Whose income of which 相当年度 an open intake needs: 免除年度 for 免除・納付猶予, 年度 for students; no further back than may be applied for,
-- no more 年度 than at once. What is asked, judged and printed, all come from here.
-- decides: whose income of which years may be asked for, and for what reason
create or replace view pension.shotoku_needed as
with needing as (
    select
        u.*,
        -- months between a 年度 and the calendar year that begins it
        make_interval(months =>
            pension.kijitsu_on(case u.todoke_code when '42' then 'gakusei_nendo' else 'menjo_nendo' end, u.juri_on) - 1
        ) as shifted,
        greatest(
            u.menjo_from_month,
            date_trunc('month', u.juri_on) - make_interval(months => pension.kijitsu_on('shinsei_sokyuu', u.juri_on))
        ) as first_month,
        coalesce(u.menjo_to_month, u.menjo_from_month) as last_month
    from pension.uketsuke_open as u
    where u.todoke_code in ('41', '42', '52', '60')
),
spanned as (
    select
        n.*,
        case
            when todoke_code in ('52', '60') then extract(year from juri_on - shifted)
            when menjo_from_month is null then menjo_year
            else extract(year from first_month - shifted)
        end::integer as first_year,
        case
            when todoke_code in ('52', '60') then extract(year from juri_on - shifted)
            when menjo_from_month is null then menjo_year
            else extract(year from last_month - shifted)
        end::integer as last_year
    from needing as n
)
select distinct on (s.uketsuke_no, p.atena_no, y.soutou_year)
    s.uketsuke_no, p.kankei_code, p.atena_no, y.soutou_year,
    case s.todoke_code
        when '42' then '03' when '52' then '04' when '60' then '05'
        else case s.menjo_code when '30' then '02' else '01' end
    end as shoukai_jiyu_code
from spanned as s
cross join lateral (
    values ('1', s.atena_no), ('2', case when s.todoke_code = '41' then s.haiguusha_atena_no end),
        ('3', case when s.todoke_code = '41' and s.menjo_code is distinct from '30' then s.setainushi_atena_no end)
) as p (kankei_code, atena_no)
cross join lateral generate_series(
    s.first_year, least(s.last_year, s.first_year + pension.kijitsu_on('shinsei_nendo_suu', s.juri_on) - 1)
) as y (soutou_year)
where p.atena_no is not null
order by s.uketsuke_no, p.atena_no, y.soutou_year, p.kankei_code;

create or replace view pension.setai_protected as
select distinct setai_no from pension.atena_ima where shien_sochi_flag;

-- The outcome of each intake that takes part, by what was known of lists and intakes of days up to this one: that of its first
-- result; after a 返戻 that of what followed it; without a result waiting, and overdue after the days of 結果超過 from its 進達.
-- 進達 = 状態 4 first seen since then.
-- decides: the outcome of an intake: waiting, overdue, or that of its result
create or replace function pension.uketsuke_outcome(p_on date)
returns table (uketsuke_no text, uketsuke_id bigint, outcome text, items text[], kikou_kekka_id bigint, shintatsu_on date)
language sql stable as $$
    with newest as (
        -- the newest revision in one pass over all of them: its number, its id and whether it takes part, packed into one integer
        select u.uketsuke_no, min(f.business_on) filter (where u.jotai_code = '4') as shintatsu_on,
            max((u.rev::bigint << 44) | (u.uketsuke_id << 1) | (u.kakunin_flag and u.jotai_code <> '3')::integer) as packed
        from pension.uketsuke as u join ledger.file as f using (file_id)
        where u.superseded_at is null and f.business_on <= p_on
        group by u.uketsuke_no
    ),
    result as (
        select t.uketsuke_no, t.kikou_kekka_id, t.outcome, t.items, f.business_on,
            row_number() over (partition by t.uketsuke_no order by f.business_on desc, f.seq desc, k.line desc) as nth
        from pension.totsugo as t
        join pension.kikou_kekka as k using (kikou_kekka_id)
        join ledger.file as f using (file_id)
        where t.superseded_at is null and t.uketsuke_no is not null and t.is_first and f.business_on <= p_on
    ),
    after_return as (
        select r.uketsuke_no, true as resubmitted, min(f.business_on) filter (where x.jotai_code = '4') as shintatsu_on
        from result as r
        join pension.uketsuke as x on x.uketsuke_no = r.uketsuke_no and x.superseded_at is null
        join ledger.file as f on f.file_id = x.file_id and f.business_on > r.business_on and f.business_on <= p_on
        where r.nth = 1 and r.outcome = 'returned'
        group by r.uketsuke_no
    ),
    intake as (
        select n.uketsuke_no, (n.packed >> 1) & ((1::bigint << 43) - 1) as uketsuke_id, r.outcome as told, r.items,
            r.kikou_kekka_id, a.resubmitted,
            case when r.outcome = 'returned' then a.shintatsu_on else n.shintatsu_on end as shintatsu_on
        from newest as n
        left join result as r on r.uketsuke_no = n.uketsuke_no and r.nth = 1
        left join after_return as a on a.uketsuke_no = n.uketsuke_no
        where n.packed & 1 = 1
    )
    select uketsuke_no, uketsuke_id,
        case
            when told is not null and resubmitted is not true then told
            when p_on - shintatsu_on > (select pension.kijitsu_on('kekka_choka', p_on)) then 'overdue'
            else 'waiting'
        end,
        case when told is null or resubmitted then '{}' else items end, kikou_kekka_id, shintatsu_on
    from intake
$$;
