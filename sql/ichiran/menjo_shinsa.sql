-- what:   事前審査: open applications for 免除等 accepted in a period, each 相当年度 with the income of the persons that count
-- basis:  spec 6; 国民年金法第90条・第90条の2・第90条の3 (never a decision: P31)
-- grain:  one application and 相当年度
-- params: first_on, last_on
select
    u.uketsuke_no, u.todoke_code, u.menjo_code, u.juri_on, u.uketsuke_ku_code, u.atena_no, u.name_kana, y.soutou_year,
    coalesce(u.shitsugyo_flag, false) as shitsugyo,
    u.todoke_code = '41' and u.menjo_code is distinct from '30' and u.setainushi_atena_no is null as lacks_head,
    m.first_month, extract(year from age(m.first_month + 1, u.birth_on))::integer as age, y.persons
from pension.uketsuke_ima as u
join pension.shotoku_of_intake as y using (uketsuke_no)
cross join lateral (
    select greatest(u.menjo_from_month, make_date(
        y.soutou_year, pension.kijitsu_on(case u.todoke_code when '42' then 'gakusei_nendo' else 'menjo_nendo' end, u.juri_on), 1
    )) as first_month
) as m
where u.todoke_code in ('41', '42') and u.juri_on between :first_on and :last_on
order by u.juri_on, u.uketsuke_no, y.soutou_year
