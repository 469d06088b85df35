-- what:   the rows of the registry that are in force on a business day, and who agreed to them
-- basis:  P79–P81; decisions, 登録簿
-- grain:  one row
-- params: day
select t.row_id, t.content, t.sha256, t.from_on, a.maker, a.checker
from ledger.tourokubo_on(:day) as t left join ledger.approval as a using (approval_id)
where t.content is not null
order by t.row_id
