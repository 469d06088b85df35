-- what:   intakes sent on that no result has come for
-- basis:  spec 7 (waiting, overdue)
-- grain:  one intake
-- params: business_on
select case o.outcome when 'overdue' then '超過' else '待ち' end as outcome_label, u.uketsuke_no, u.todoke_code, u.juri_on,
    u.uketsuke_ku_code, u.atena_no, u.name_kana, o.shintatsu_on, cast(:business_on as date) - o.shintatsu_on as days
from pension.uketsuke_outcome(:business_on) as o
join pension.uketsuke as u using (uketsuke_id)
where o.outcome in ('waiting', 'overdue')
order by o.shintatsu_on, u.uketsuke_no
