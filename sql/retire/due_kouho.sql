-- what:   取得候補 who were never confirmed and whose last term is over, whether they are held, and whether a request that goes on
--         names them
-- basis:  spec 1 (kouho); spec 9
-- grain:  one person
-- params: as_of
select m.atena_no, m.business_on as kept_from, m.until_on as due_on, m.rows, m.held,
    exists (select from ledger.shoukyo_asked as a where a.atena_no = m.atena_no) as asked
from pension.mikakunin as m
where m.until_on < :as_of
order by m.until_on, m.atena_no
