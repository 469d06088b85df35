-- what:   how many of these persons (one may be nobody, as an empty text) the row of the registry may not be about
-- basis:  P36–P41, P79; decisions, 登録簿
-- grain:  one number
-- params: persons (names: subjects, columns)
select count(*)
from unnest(coalesce(nullif(string_to_array(:persons, e'\n'), '{}'), array[''])) as p (person)
where not exists (select 1 from pension.{subjects} as s where concat_ws('|', {columns}) = p.person)
