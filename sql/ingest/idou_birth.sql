-- what:   newest birth dates of these persons, null where not known
-- basis:  spec 4; decisions, 喪失の重なり
-- grain:  one person
-- params: numbers
select atena_no, case when not birth_fusho_flag then birth_on end as birth_on
from pension.atena_ima
where atena_no = any(cast(:numbers as text[]))
order by atena_no
