-- what:   records that a recipient may have on a day and had not, or other ones, after the files until that day
-- basis:  P37; P38; decisions, 移転1–3 (the whole of a month is the sum of its days)
-- grain:  one number
-- params: day (names: view)
with permitted as materialized (
    select iten_key, iten_hash from iten.{view}
),
held as materialized (
    select key, hash from iten.{view}_jotai
    where business_on <= cast(:day as date) and (ended_on is null or ended_on > cast(:day as date))
)
select count(*)
from permitted as p full join held as h on h.key = p.iten_key
where h.hash is distinct from p.iten_hash
