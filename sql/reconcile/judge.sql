-- what:   the outcome of each undecided result: differing items, whether it is its intake's first, whose it is, why it is held
-- basis:  spec 7; decisions, 突合 (compared only when both sides have it; a second result with other content: differs)
-- grain:  one result
-- params: todoke (what each 届書 is compared on, why it may lack an intake), told (what a second one repeats)
-- decides: the outcome of a result, why it may have no intake, whether it is the first, whether its registration is held
create temporary table judged on commit drop as
with tied as (
    select
        r.kikou_kekka_id, t.pass, t.uketsuke_no, t.candidate_no, i.uketsuke_id, i.atena_no,
        array(select x.item from unnest(array[
            case when r.todoke_code <> i.todoke_code then 'todoke_code' end,
            case when r.kiso_nenkin_no <> i.kiso_nenkin_no then 'kiso_nenkin_no' end,
            case when pension.shukutai(r.name_kana) <> pension.shukutai(i.name_kana) then 'name_kana' end,
            case when r.birth_on <> i.birth_on then 'birth_on' end,
            case when r.sex_code <> i.sex_code then 'sex_code' end,
            case when r.hmac <> i.hmac then 'kojin_no' end,
            case when r.gaitou_on <> i.gaitou_on then 'gaitou_on' end,
            case when r.jiyu_code <> i.jiyu_code then 'jiyu_code' end,
            case when r.shubetsu_code <> i.shubetsu_code then 'shubetsu_code' end,
            case when r.menjo_code <> i.menjo_code then 'menjo_code' end,
            case when r.from_month <> i.from_month then 'from_month' end,
            case when r.to_month <> i.to_month then 'to_month' end,
            case when r.nenkin_code <> i.nenkin_code then 'nenkin_code' end
        ]) as x (item) where x.item = any(w.compared)) as items
    from result as r
    left join tie as t using (kikou_kekka_id)
    left join intake as i on i.uketsuke_no = t.uketsuke_no
    left join jsonb_to_recordset(cast(:todoke as jsonb)) as w (todoke_code text, compared text[]) on w.todoke_code = i.todoke_code
),
-- every result of these intakes, also those decided before, in the order of the lists; without an intake: the same 基礎年金番号 or 個人番号
story as (
    select
        k.kikou_kekka_id, x.undecided,
        coalesce(x.uketsuke_no, 'kiso ' || k.kiso_nenkin_no, 'hmac ' || encode(v.hmac, 'hex'), 'row ' || k.row_key) as of_what,
        f.business_on, f.seq, k.line, coalesce(k.kekka_code, '') in ('05', '06') as ends_nothing
    from (
        select kikou_kekka_id, uketsuke_no, true as undecided from tied
        union all
        select s.kikou_kekka_id, s.uketsuke_no, false from pension.totsugo as s
        where s.superseded_at is null and (s.uketsuke_no is null or s.uketsuke_no in (select uketsuke_no from tied))
            and not exists (select 1 from result as r where r.kikou_kekka_id = s.kikou_kekka_id)
    ) as x
    join pension.kikou_kekka as k using (kikou_kekka_id)
    join ledger.file as f using (file_id)
    left join vault.kojin_no as v using (kojin_id)
),
-- hardly any has more than one: only these are looked at for what was told again. content: the items of :told, in their order
-- (offset 0: the row is made into JSON once, not once per item)
retold as (
    select s.*, row_number() over (partition by of_what order by s.business_on, s.seq, s.line) as nth, c.content
    from (select of_what from story group by of_what having count(*) > 1 and bool_or(undecided)) as x
    join story as s using (of_what)
    join pension.kikou_kekka as k using (kikou_kekka_id)
    left join vault.kojin_no as v using (kojin_id)
    cross join lateral (select to_jsonb(k) || jsonb_build_object('kojin_no', v.hmac) as cells offset 0) as j
    cross join lateral (
        select array_agg(j.cells ->> i.item order by i.at) as content
        from unnest(cast(:told as text[])) with ordinality as i (item, at)
    ) as c
),
told as (
    select
        s.*,
        row_number() over (partition by of_what, content order by nth) > 1 as again,
        count(*) filter (where ends_nothing) over (
            partition by of_what order by nth rows between unbounded preceding and 1 preceding
        ) as cycle
    from retold as s
),
placed as (
    select
        t.kikou_kekka_id, t.of_what, t.content, t.again,
        min(nth) filter (where not again and not ends_nothing) over (
            partition by of_what, cycle order by nth rows between unbounded preceding and 1 preceding
        ) as first_nth
    from told as t
),
-- a later result beside the first that decides: in which items it says something else
later as (
    select
        p.kikou_kekka_id, p.again,
        array(
            select i.item from unnest(cast(:told as text[])) with ordinality as i (item, at)
            where p.content[i.at] is distinct from f.content[i.at] order by i.at
        ) as items
    from placed as p
    join told as f on f.of_what = p.of_what and f.nth = p.first_nth
),
owner as (
    -- whose result it is: the intake's person, else the only one with the 基礎年金番号, else the only one with the 個人番号
    select
        d.kikou_kekka_id,
        coalesce(d.atena_no, n.atena_no, h.atena_no) as atena_no,
        n.persons
    from tied as d
    join result as r using (kikou_kekka_id)
    left join (
        select kiso_nenkin_no, case when min(atena_no) = max(atena_no) then min(atena_no) end as atena_no,
            case when min(atena_no) = max(atena_no) then 1 else 2 end as persons
        from pension.nenkin_kihon
        where superseded_at is null and kiso_nenkin_no in (select kiso_nenkin_no from result)
        group by kiso_nenkin_no
    ) as n on n.kiso_nenkin_no = r.kiso_nenkin_no
    left join (
        select x.hmac, case when min(v.atena_no) = max(v.atena_no) then min(v.atena_no) end as atena_no
        from (
            select distinct r.hmac from tied as d join result as r using (kikou_kekka_id)
            where d.atena_no is null and r.hmac is not null
        ) as x
        join vault.kojin_no as v on v.hmac = x.hmac
        group by x.hmac
    ) as h on d.atena_no is null and h.hmac = r.hmac
),
numbers as (
    -- 基礎年金番号 that the person has, and would have with this one
    select o.kikou_kekka_id, count(distinct n.kiso_nenkin_no) as held,
        count(distinct n.kiso_nenkin_no) filter (where n.kiso_nenkin_no <> r.kiso_nenkin_no) as others
    from owner as o
    join result as r using (kikou_kekka_id)
    join pension.nenkin_kihon as n on n.atena_no = o.atena_no and n.superseded_at is null
    group by o.kikou_kekka_id
),
named as (
    select
        o.kikou_kekka_id,
        case
            when a.name is null or r.name is null then null
            when a.name = r.name then '一致'
            when pension.shukutai(a.name) = pension.shukutai(r.name) then '縮退一致'
            else '相違'
        end as name_relation
    from owner as o
    join result as r using (kikou_kekka_id)
    join pension.atena_ima as a on a.atena_no = o.atena_no
),
nashi as (
    -- without an intake, why not: what the result says of itself, else its 届書; 種別 5 of whoever holds 種別 4 on that day
    select
        d.kikou_kekka_id,
        x.own,
        case
            when r.shokken_flag or x.own then 'shokken'
            when r.jiyu_code = '01' then 'hatachi'
            when r.jiyu_code = '53' then 'rokuju'
            when r.jiyu_code = '54' then 'kounen'
            when w.without_intake <> 'tokurei' then w.without_intake
            when w.without_intake = 'tokurei' and r.shubetsu_code = '5' and exists (
                select 1 from pension.shikaku as s
                where s.atena_no = o.atena_no and s.superseded_at is null and s.shubetsu_code = '4'
                    and s.acquired_on <= coalesce(r.gaitou_on, r.business_on)
                    and (s.lost_on is null or s.lost_on >= r.gaitou_on)
            ) then 'tokurei'
        end as cause
    from tied as d
    join result as r using (kikou_kekka_id)
    join owner as o using (kikou_kekka_id)
    left join jsonb_to_recordset(cast(:todoke as jsonb)) as w (todoke_code text, without_intake text)
        on w.todoke_code = r.todoke_code
    cross join lateral (
        select exists (  -- of what the city reported by itself: by its number, or by person, 事由 and day
            select from pension.shintatsu_kiroku as k
            where k.idou_approval_id is not null and ((
                k.uketsuke_no = r.uketsuke_no and coalesce(k.kiso_nenkin_no = r.kiso_nenkin_no, true)
            ) or (
                r.uketsuke_no is null and k.atena_no = o.atena_no and k.todoke_code = r.todoke_code
                and k.jiyu_code = r.jiyu_code and k.gaitou_on = r.gaitou_on
            ))
        )
    ) as x (own)
    where d.uketsuke_no is null
)
select
    d.kikou_kekka_id,
    case
        when c.own and r.kekka_code = '05' then 'returned'
        when d.uketsuke_no is null and c.cause is not null then 'expected_without_intake'
        when d.uketsuke_no is null then 'unexplained'
        when p.again then 'duplicate'
        when l.kikou_kekka_id is not null then 'differs'  -- the intake keeps its first
        when r.kekka_code = '05' then 'returned'
        when cardinality(d.items) > 0 then 'differs'
        else 'matched'
    end as outcome,
    case when c.own and r.kekka_code = '05' then null else c.cause end as cause, d.pass,
    d.uketsuke_no, d.uketsuke_id, d.candidate_no, o.atena_no,
    case when d.uketsuke_no is not null and not l.again then l.items else d.items end as items,
    n.name_relation,
    p.again is not true and (d.uketsuke_no is null or l.kikou_kekka_id is null) as is_first,
    case
        when o.persons > 1 or (o.persons = 1 and d.atena_no is not null and not exists (
            select 1 from pension.nenkin_kihon as x
            where x.superseded_at is null and x.kiso_nenkin_no = r.kiso_nenkin_no and x.atena_no = d.atena_no
        )) then '二重の基礎年金番号'
        when b.held > 1 or b.others > 0 then '宛名に二つの基礎年金番号'
    end as hold_reason
from tied as d
join result as r using (kikou_kekka_id)
left join placed as p using (kikou_kekka_id)
left join later as l using (kikou_kekka_id)
join owner as o using (kikou_kekka_id)
left join nashi as c using (kikou_kekka_id)
left join numbers as b using (kikou_kekka_id)
left join named as n using (kikou_kekka_id)
