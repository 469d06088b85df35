-- what:   what has not been reported to 日本年金機構 yet, with the term in which it must be
-- basis:  国民年金法施行規則第9条
-- grain:  one intake, or one loss that the city reports by itself
-- params: business_on
select uketsuke_no, todoke_code, juri_on, due_on,
    case when due_on < cast(:business_on as date) then '超過' else '' end as overdue_label,
    stage, state, jimusho_code, uketsuke_ku_code, atena_no, name_kana, nyuryoku_user, kakunin_user
from pension.shintatsu_mada(:business_on)
order by juri_on, uketsuke_no
