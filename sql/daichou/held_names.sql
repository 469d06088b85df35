-- what:   which of these texts is the name or the address of somebody who is held (without spaces)
-- basis:  spec 11
-- grain:  one text
-- params: texts
select distinct said.text
from pension.atena as a
cross join lateral (
    values (translate(normalize(a.name, nfkc), ' ', '')), (translate(normalize(a.name_kana, nfkc), ' ', '')),
        (translate(normalize(a.address, nfkc), ' ', ''))
) as held (text)
join unnest(cast(:texts as text[])) as said (text) on said.text = held.text
where a.superseded_at is null
order by said.text
