-- what:   intakes not sent on to 日本年金機構 yet, with the term in which they must be
-- basis:  国民年金法施行規則第9条
-- grain:  one intake
-- params: business_on
select u.uketsuke_no, u.todoke_code, u.juri_on, d.due_on,
    case when d.due_on < cast(:business_on as date) then '超過' else '' end as overdue_label,
    case when not u.kakunin_flag then '未確認' when o.outcome = 'returned' or u.jotai_code = '5' then '返戻'
        when u.jotai_code = '2' then '審査中' else '受付' end as jotai_label,
    u.uketsuke_ku_code, u.atena_no, u.name_kana, u.nyuryoku_user, u.kakunin_user
from pension.uketsuke_ima as u
cross join lateral (select u.juri_on + pension.kijitsu_on('shintatsu', u.juri_on) as due_on) as d
join ledger.file as f using (file_id)
left join pension.uketsuke_outcome(:business_on) as o on o.uketsuke_id = u.uketsuke_id
where f.business_on <= :business_on and u.jotai_code not in ('3', '4', '6')
    and coalesce(o.outcome, 'not_sent') in ('not_sent', 'returned')  -- a 未確認 has none
order by u.juri_on, u.uketsuke_no
