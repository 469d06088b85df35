-- what:   what was reported and no result has come for
-- basis:  spec 7 (waiting, overdue)
-- grain:  one intake, or one loss that the city reported by itself
-- params: business_on
with outcome as (
    select o.outcome, o.uketsuke_no, u.todoke_code, u.juri_on, u.uketsuke_ku_code, u.atena_no, u.name_kana, o.shintatsu_on
    from pension.uketsuke_outcome(:business_on) as o
    join pension.uketsuke as u using (uketsuke_id)
    union all
    select o.outcome, o.uketsuke_no, k.todoke_code, k.juri_on, k.ku_code, k.atena_no, k.name_kana, o.shintatsu_on
    from pension.shokken_outcome(:business_on) as o
    join pension.shintatsu_okuri as s on s.uketsuke_no = o.uketsuke_no and s.handed_on = o.shintatsu_on
    join pension.shintatsu_kiroku as k on k.approval_id = s.approval_id and k.place = s.place
)
select case outcome when 'overdue' then '超過' else '待ち' end as outcome_label, uketsuke_no, todoke_code, juri_on,
    uketsuke_ku_code, atena_no, name_kana, shintatsu_on, cast(:business_on as date) - shintatsu_on as days
from outcome
where outcome in ('waiting', 'overdue')
order by shintatsu_on, uketsuke_no
