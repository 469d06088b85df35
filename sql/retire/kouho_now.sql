-- what:   these persons as 取得候補 who were never confirmed, if they are
-- basis:  spec 1 (kouho); spec 9
-- grain:  one person
-- params: atena_nos
select m.atena_no, m.until_on, m.rows
from pension.mikakunin as m
where m.atena_no = any(cast(:atena_nos as text []))
order by m.atena_no
