-- what:   intakes of 産前産後 and 育児 (33, 34) without a check, with what core/law needs to know of their months
-- basis:  国民年金法第88条の2・第88条の3
-- grain:  one intake that says 該当年月日 and 始期
-- params: none
select u.uketsuke_id, u.todoke_code, u.gaitou_on, u.sex_code, u.menjo_from_month as first, u.menjo_to_month as last,
    s.begins, s.ends, m.sango_until
from pension.uketsuke_ima as u
cross join lateral (
    select coalesce(array_agg(date_trunc('month', coalesce(shubetsu_henkou_on, acquired_on))::date), '{}') as begins,
        coalesce(
            array_agg((date_trunc('month', lost_on) - interval '1 month')::date) filter (where lost_on is not null), '{}'
        ) as ends
    from pension.shikaku where atena_no = u.atena_no and superseded_at is null and shubetsu_code = '1'
) as s
cross join lateral (  -- 産前産後 as registered, of this birth, which may come months before its 予定日
    select max(to_month) as sango_until
    from pension.menjo as g
    where g.superseded_at is null and g.kettei_flag and g.menjo_code = '50'
        and coalesce(g.saitei_kekka_code, '') not in ('04', '05', '06')
        and g.from_month <= u.gaitou_on + interval '3 months'
        and g.to_month >= date_trunc('month', u.gaitou_on) - interval '1 month'
        and g.kiso_nenkin_no in (
            select b.kiso_nenkin_no from pension.nenkin_kihon as b where b.atena_no = u.atena_no and b.superseded_at is null
        )
) as m
where u.todoke_code in ('33', '34') and u.gaitou_on is not null and u.menjo_from_month is not null
    and not exists (select 1 from pension.uketsuke_check as c where c.uketsuke_id = u.uketsuke_id and c.superseded_at is null)
order by u.uketsuke_id
