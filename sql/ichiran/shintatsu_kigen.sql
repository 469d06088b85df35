-- what:   what should have been reported by a day, and what will be too late for the next report by the calendar
-- basis:  国民年金法施行規則第9条; P7
-- grain:  one intake, or one loss that the city reports by itself
-- params: business_on, next_report (the day on which the next report can go)
select due_on, due_on - cast(:business_on as date) as days_left, uketsuke_no, todoke_code, stage, state, jimusho_code,
    uketsuke_ku_code, juri_on, atena_no, name_kana
from pension.shintatsu_mada(:business_on)
where due_on < cast(:next_report as date)
order by due_on, uketsuke_no
