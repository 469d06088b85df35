-- what:   突合1: the newest revisions that have no check yet, against 宛名, 資格 and 年金基本 and against what their 届書 must say
-- basis:  評価書 Ⅱ-3 (4情報, age, 住民状態, open 資格; the result is kept with the 受付); architecture, An intake is checked, never judged
-- grain:  one row: how many revisions were checked, and how many of them lack something or do not agree
-- params: todoke, business_on
-- decides: what an intake lacks and where it does not agree with 宛名, 資格 and 年金基本
with made as (
insert into pension.uketsuke_check (uketsuke_id, checked_on, missing, findings)
select
    u.uketsuke_id, :business_on,
    array(
        select n.need ->> 'label' from jsonb_array_elements(t.needs) with ordinality as n (need, nth)
        where not exists (
            select 1 from jsonb_array_elements_text(n.need -> 'items') as i (item)
            where coalesce(to_jsonb(u) ->> i.item, 'false') <> 'false'  -- a 診断書 that is not there is missing
        )
        order by n.nth
    ),
    array_remove(array[
        case when a.atena_no is null then '宛名なし' end,
        case when pension.shukutai(a.name_kana) <> pension.shukutai(u.name_kana) then '氏名フリガナ' end,
        -- 日本年金機構 takes one space, between surname and name; of foreign residents also a name that is one word
        case when u.name_kana !~ '^[^ ]+( [^ ]+)?$' or (a.jumin_shubetsu_code is distinct from '2' and u.name_kana !~ ' ')
            then '氏名フリガナの空白' end,
        case when a.birth_on <> u.birth_on and not a.birth_fusho_flag then '生年月日' end,
        case when a.sex_code <> u.sex_code then '性別' end,
        case when va.hmac <> vu.hmac then '個人番号' end,
        case when t.resident and a.atena_no is not null and s.jumin_jotai_code is distinct from '1' then '受理日に住登者でない' end,
        case when o.age < t.from_age or o.age >= t.below_age then '年齢' end,
        case when t.shikaku in ('open', 'dai1') and not p.insured then '資格なし'
            when t.shikaku = 'none' and p.insured then '資格あり' end,
        case when u.todoke_code = '31' and u.jiyu_code = '71' and a.jumin_shubetsu_code = '2' then '外国人の生活扶助（法定免除になりません）' end,
        '申請できない月を含む（' || m.outside || '）',
        case when d.uketsuke_id is not null and d.hatachi_mae is null then '20歳前傷病か分からない（年金コード・初診日）' end,
        case when k.another then '基礎年金番号' end,
        case when k.of_another then '基礎年金番号が別の方' end
    ], null)
from pension.uketsuke_ima as u
join jsonb_to_recordset(cast(:todoke as jsonb)) as t (
    todoke_code text, needs jsonb, from_age integer, below_age integer, shikaku text, resident boolean
) using (todoke_code)
left join pension.atena_ima as a on a.atena_no = u.atena_no
left join lateral (  -- as on the day of 受理, not now
    select jumin_jotai_code from pension.atena
    where atena_no = u.atena_no and superseded_at is null and not sakujo_flag and idou_on <= u.juri_on
    order by rireki_no desc limit 1
) as s on true
left join pension.shinsei_tsuki as m on m.uketsuke_id = u.uketsuke_id
left join pension.shogai_todoke as d on d.uketsuke_id = u.uketsuke_id
left join vault.kojin_no as vu on vu.kojin_id = u.kojin_id
left join vault.kojin_no as va on va.kojin_id = a.kojin_id
-- an age is reached on the day before the birthday
cross join lateral (select extract(year from age(u.juri_on + 1, u.birth_on)) as age) as o
cross join lateral (
    select exists (
        select 1 from pension.shikaku where atena_no = u.atena_no and superseded_at is null and lost_on is null
    ) as insured
) as p
cross join lateral (
    select coalesce(bool_or(atena_no <> u.atena_no) filter (where kiso_nenkin_no = u.kiso_nenkin_no), false) as of_another,
        count(*) filter (where atena_no = u.atena_no) > 0
            and bool_and(kiso_nenkin_no <> u.kiso_nenkin_no) filter (where atena_no = u.atena_no) as another
    from pension.nenkin_kihon
    where superseded_at is null and (atena_no = u.atena_no or kiso_nenkin_no = u.kiso_nenkin_no)
) as k
where not exists (select 1 from pension.uketsuke_check as c where c.uketsuke_id = u.uketsuke_id and c.superseded_at is null)
order by u.uketsuke_id
returning missing, findings
)
select count(*) as checked, count(*) filter (where missing <> '{}' or findings <> '{}') as with_findings from made
