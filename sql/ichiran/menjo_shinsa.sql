-- what:   事前審査: open applications for 免除等 accepted in a period, each 相当年度 with the income of the persons that count
-- basis:  spec 6; 国民年金法第90条・第90条の2・第90条の3 (never a decision: P31)
-- grain:  one application and 相当年度
-- params: first_on, last_on
select
    u.uketsuke_no, u.todoke_code, u.menjo_code, u.juri_on, u.uketsuke_ku_code, u.atena_no, u.name_kana, q.soutou_year,
    coalesce(u.shitsugyo_flag, false) as shitsugyo, u.todoke_code = '41' and u.menjo_code is distinct from '30' and u.setainushi_atena_no is null as lacks_head,
    m.first_month, extract(year from age(m.first_month + 1, u.birth_on))::integer as age, q.persons
from pension.uketsuke_ima as u
join lateral (
    select q.soutou_year, jsonb_agg(
        jsonb_build_object('kankei_code', q.kankei_code, 'answered', s.shotoku_id is not null, 'kaitou_code', s.kaitou_code,
            'mishinkoku', s.mishinkoku_flag, 'income', to_jsonb(s)) order by q.kankei_code
    ) as persons
    from pension.shotoku_shoukai as q
    left join pension.shotoku as s on s.shoukai_no = q.shoukai_no and s.superseded_at is null
    where q.uketsuke_no = u.uketsuke_no
    group by q.soutou_year
) as q on true
cross join lateral (
    select greatest(u.menjo_from_month, make_date(q.soutou_year, case u.todoke_code when '42' then 4 else 7 end, 1)) as first_month
) as m
where u.kakunin_flag and u.jotai_code in ('1', '2', '5') and u.todoke_code in ('41', '42') and u.juri_on between :first_on and :last_on
order by u.juri_on, u.uketsuke_no, q.soutou_year
