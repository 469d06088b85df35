-- what:   突合1: the newest revisions that have no check yet, against 宛名, 資格, 年金基本 and 免除, and against what their 届書 must say
-- basis:  評価書 Ⅱ-3 (the result is kept with the 受付); architecture, An intake is checked, never judged; decisions, 届書
-- grain:  one row: how many revisions were checked, and how many of them lack something or do not agree
-- params: todoke, found (what core/law found, by uketsuke_id), business_on
-- decides: what an intake lacks and where it does not agree with 宛名, 資格, 年金基本 and 免除
with intake as (
    select u.*, t.needs, t.from_age, t.below_age, t.shikaku, t.resident, t.nenkin, t.menjo_code as fills, k.*,
        date_trunc('month', u.juri_on)::date as juri_month, date_trunc('month', u.gaitou_on)::date as gaitou_month,
        -- an age is reached on the day before the birthday
        extract(year from age(u.juri_on + 1, u.birth_on)) as age,
        date_trunc('month', u.birth_on + make_interval(years => k.soushitsu) - interval '1 day')::date as lost_month
    from pension.uketsuke_ima as u
    join jsonb_to_recordset(cast(:todoke as jsonb)) as t (todoke_code text, needs jsonb, from_age integer, below_age integer,
        shikaku text, resident boolean, nenkin jsonb, menjo_code text) using (todoke_code)
    cross join lateral (
        select pension.kijitsu_on('soushitsu', u.juri_on) as soushitsu, pension.kijitsu_on('nini_kanyu', u.juri_on) as nini_made,
            pension.kijitsu_on(case u.todoke_code when '42' then 'gakusei_nendo' else 'menjo_nendo' end, u.juri_on) as nendo
    ) as k
    where not exists (select 1 from pension.uketsuke_check as c where c.uketsuke_id = u.uketsuke_id and c.superseded_at is null)
),
-- the months that it is about: as it says, else as they follow from 該当年月日 or 免除年度
begun as (
    select i.*, coalesce(i.menjo_from_month, case
        when i.todoke_code = '31' then i.gaitou_month - interval '1 month'
        when i.todoke_code in ('41', '42') then make_date(i.menjo_year, i.nendo, 1)
        else i.gaitou_month
    end)::date as first_month
    from intake as i
),
about as (
    select b.*, greatest(b.first_month, coalesce(b.menjo_to_month, case
        when b.todoke_code in ('41', '42') then b.first_month + make_interval(
            months => mod(11 - extract(month from b.first_month)::integer + b.nendo, 12)
        )
        when b.todoke_code in ('31', '36') then greatest(b.first_month, b.juri_month)
        else b.first_month
    end))::date as last_month
    from begun as b
),
made as (
insert into pension.uketsuke_check (uketsuke_id, checked_on, missing, findings)
select
    u.uketsuke_id, :business_on,
    array(
        select n.need ->> 'label' from jsonb_array_elements(u.needs) with ordinality as n (need, nth)
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
        case when u.resident and a.atena_no is not null and s.jumin_jotai_code is distinct from '1' then '受理日に住登者でない' end,
        case when u.age < u.from_age or u.age >= u.below_age then '年齢' end,
        case
            when u.todoke_code <> '07' or u.age < u.from_age or u.age >= u.below_age then null
            when u.age >= u.nini_made and u.shubetsu_code is distinct from '5' then '65歳以上（特例任意加入（種別5）に限る）'
            when u.age < u.nini_made and u.shubetsu_code = '5' then '65歳未満（特例任意加入（種別5）はできない）'
            when u.age < u.soushitsu and s.jumin_jotai_code = '1' then '60歳未満の国内居住（老齢給付等の受給権者に限る）'
        end,
        case
            when u.shikaku = 'open' and not p.insured or u.shikaku = 'dai1' and not (p.dai1 or p.nini) then '資格なし'
            when u.shikaku = 'none' and p.insured_by_law then '資格あり'
            when u.shikaku = 'dai1' and not p.dai1 then '任意加入の期間（第1号の期間に限る）'
        end,
        case when u.todoke_code = '02' and u.jiyu_code in ('51', '53') then '死亡・60歳到達による喪失に届出は要らない' end,
        case when u.todoke_code = '21' and p.tokurei then '特例任意加入（付加保険料は納付できない）' end,
        case when u.todoke_code = '21' and m.exempt and not m.kodomo then '免除の月（付加保険料は納付できない）' end,
        case when u.todoke_code in ('41', '42') and m.kodomo then '産前産後・育児期間の免除の月を含む（そちらが優先する）' end,
        case when u.todoke_code = '31' and u.menjo_from_month <> u.gaitou_month - interval '1 month'
            then '免除始期（該当年月日の前月でない）' end,
        case when u.todoke_code in ('33', '34') and nullif(u.menjo_code, '00') <> u.fills then '免除種類' end,
        case when j.keizoku and u.menjo_code not in ('20', '30') then '継続申請（全額免除・納付猶予に限る）' end,
        case when j.keizoku and u.shitsugyo_flag then '継続申請（失業特例とは併せられない）' end,
        case when j.keizoku and u.juri_month not between u.first_month and u.last_month
            then '継続申請（申請日を含む期間に限る）' end,
        case when not u.nenkin ? u.nenkin_code then '年金コード（この届書の年金でない）' end,
        case when u.todoke_code = '31' and u.jiyu_code = '71' and a.jumin_shubetsu_code = '2'
            then '外国人の生活扶助（法定免除になりません）' end,
        '申請できない月を含む（' || w.outside || '）',
        case when d.uketsuke_id is not null and d.hatachi_mae is null then '20歳前傷病か分からない（年金コード・初診日）' end,
        case when n.another then '基礎年金番号' end,
        case when n.of_another then '基礎年金番号が別の方' end
    ] || array(
        select f.finding from jsonb_to_recordset(cast(:found as jsonb)) as f (uketsuke_id bigint, finding text)
        where f.uketsuke_id = u.uketsuke_id
    ), null)
from about as u
left join pension.atena_ima as a on a.atena_no = u.atena_no
left join lateral (  -- as on the day of 受理, not now
    select jumin_jotai_code from pension.atena
    where atena_no = u.atena_no and superseded_at is null and not sakujo_flag and idou_on <= u.juri_on
    order by rireki_no desc limit 1
) as s on true
left join pension.shinsei_tsuki as w on w.uketsuke_id = u.uketsuke_id
left join pension.shogai_todoke as d on d.uketsuke_id = u.uketsuke_id
left join vault.kojin_no as vu on vu.kojin_id = u.kojin_id
left join vault.kojin_no as va on va.kojin_id = a.kojin_id
cross join lateral (select u.todoke_code = '41' and coalesce(u.keizoku_flag, false) as keizoku) as j
cross join lateral (
    select coalesce(bool_or(h.lost_on is null), false) as insured,
        -- a 種別 1 is lost on reaching 60, also while its loss waits for approval (国民年金法第9条第3号)
        coalesce(bool_or(h.lost_on is null and (h.shubetsu_code <> '1' or u.age < u.soushitsu)), false) as insured_by_law,
        coalesce(bool_or(h.lost_on is null and h.shubetsu_code = '5'), false) as tokurei,
        coalesce(bool_or(
            h.shubetsu_code = '1' and h.since <= e.last_month
            and least(h.until, u.lost_month - interval '1 month') >= e.first_month
            or h.shubetsu_code <> '1' and h.begun <= e.last_month and h.since > greatest(h.begun, e.first_month)
        ), false) as dai1,
        coalesce(bool_or(h.shubetsu_code <> '1' and h.since <= e.last_month and h.until >= e.first_month), false) as nini
    from (
        select q.lost_on, q.shubetsu_code, date_trunc('month', q.acquired_on)::date as begun,
            date_trunc('month', coalesce(q.shubetsu_henkou_on, q.acquired_on))::date as since,  -- of this 種別 since then
            -- the month of the loss does not count, unless it is that of the acquisition (国民年金法第11条)
            case when q.lost_on is null then 'infinity'
                else greatest(date_trunc('month', q.lost_on) - interval '1 month', date_trunc('month', q.acquired_on))
            end::date as until
        from pension.shikaku as q where q.atena_no = u.atena_no and q.superseded_at is null
    ) as h
    cross join (
        select coalesce(u.first_month, '-infinity') as first_month, coalesce(u.last_month, 'infinity') as last_month
    ) as e
) as p
cross join lateral (  -- 免除 as decided, in these months; of an application of 付加 in its own
    select coalesce(bool_or(g.menjo_code in ('50', '60')), false) as kodomo,
        coalesce(bool_or(g.menjo_code not in ('50', '60')), false) as exempt
    from (
        select case u.todoke_code when '21' then coalesce(u.gaitou_month, u.juri_month) else u.first_month end as first_month,
            case u.todoke_code when '21' then coalesce(u.gaitou_month, u.juri_month) else u.last_month end as last_month
    ) as e
    join pension.menjo as g on g.from_month <= e.last_month and coalesce(g.to_month, 'infinity') >= e.first_month
        and coalesce(date_trunc('month', g.shoumetsu_on)::date, 'infinity') >= e.first_month
    where g.superseded_at is null and g.kettei_flag and g.menjo_code <> '00'
        and coalesce(g.saitei_kekka_code, '') not in ('04', '05', '06')
        and (g.kiso_nenkin_no = u.kiso_nenkin_no or g.kiso_nenkin_no in (
            select b.kiso_nenkin_no from pension.nenkin_kihon as b where b.atena_no = u.atena_no and b.superseded_at is null
        ))
) as m
cross join lateral (
    select coalesce(bool_or(atena_no <> u.atena_no) filter (where kiso_nenkin_no = u.kiso_nenkin_no), false) as of_another,
        count(*) filter (where atena_no = u.atena_no) > 0
            and bool_and(kiso_nenkin_no <> u.kiso_nenkin_no) filter (where atena_no = u.atena_no) as another
    from pension.nenkin_kihon
    where superseded_at is null and (atena_no = u.atena_no or kiso_nenkin_no = u.kiso_nenkin_no)
) as n
order by u.uketsuke_id
returning missing, findings
)
select count(*) as checked, count(*) filter (where missing <> '{}' or findings <> '{}') as with_findings from made
