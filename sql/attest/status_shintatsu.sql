-- what:   what has not been reported to 日本年金機構 in time, and what will be too late for the next report by the calendar
-- basis:  国民年金法施行規則第9条
-- grain:  one row
-- params: today, next_report
select count(*) filter (where due_on < :today) as reports_overdue, count(*) filter (where due_on >= :today) as reports_due
from pension.shintatsu_mada(:today)
where due_on < :next_report
