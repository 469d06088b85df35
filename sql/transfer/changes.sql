-- what:   what a recipient may have and does not have yet: added, changed, and (without its items) no longer permitted or undone
-- basis:  P36; P37; P38; decisions, 移転1–3 (the state of a recipient)
-- grain:  one record; of one that goes the moment at which it was given
-- params: none (names: view, columns)
with permitted as materialized (
    select * from iten.{view}
),
held as materialized (
    select key, hash, business_on, known_at from iten.{view}_jotai where ended_by is null
)
select
    {columns}, coalesce(p.iten_key, h.key) as iten_key, encode(p.iten_hash, 'hex') as iten_hash,
    case when h.key is null then '1' when p.iten_key is null then '3' else '2' end as koshin_kbn,
    case when p.iten_key is null then cast(h.business_on as text) end as given_day,
    case when p.iten_key is null then cast(h.known_at as text) end as given_known_at
from permitted as p full join held as h on h.key = p.iten_key
where h.hash is distinct from p.iten_hash
order by iten_key
