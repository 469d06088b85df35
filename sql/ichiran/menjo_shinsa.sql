-- what:   事前審査: open applications for 免除等 accepted in a period, each 相当年度 with the income of the persons that count
-- basis:  spec 6; 国民年金法第90条・第90条の2・第90条の3 (never a decision: P31)
-- grain:  one application and 相当年度; one application without 相当年度 when none of its months may be applied for
-- params: first_on, last_on
select
    u.uketsuke_no, u.todoke_code, u.menjo_code, u.juri_on, u.uketsuke_ku_code, u.atena_no, u.name_kana, u.shitsugyo_flag,
    coalesce(case when not a.birth_fusho_flag then a.birth_on end, u.birth_on) as birth_on,
    t.from_month, t.to_month, t.first_month, t.last_month, y.soutou_year, y.persons,
    u.todoke_code = '41' and u.menjo_code is distinct from '30' and u.setainushi_atena_no is null as lacks_head
from pension.uketsuke_open as u
left join pension.shinsei_tsuki as t using (uketsuke_id)
left join pension.shotoku_of_intake as y using (uketsuke_no)
left join pension.atena_ima as a using (atena_no)
where u.todoke_code in ('41', '42') and u.juri_on between :first_on and :last_on
order by u.juri_on, u.uketsuke_no, y.soutou_year
