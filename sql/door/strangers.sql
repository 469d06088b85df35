-- what:   how many of these persons are none that the row of the registry may be about
-- basis:  P36–P41, P79; decisions, 登録簿
-- grain:  one number
-- params: persons (names: subjects, columns)
select count(*)
from unnest(coalesce(nullif(string_to_array(:persons, e'\n'), '{}'), array[''])) as p (person)  -- nobody named: no array of one
where not exists (select 1 from pension.{subjects} as s where concat_ws('|', {columns}) = p.person)
