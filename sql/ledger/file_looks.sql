-- what:   which of these names are not in, with what was found when they were looked at last (nothing: never)
-- basis:  F17; decisions, Late files
-- grain:  one name
-- params: dataset, listed
-- decides: which names of an inbox are not in yet, and how they were found when they were looked at last
with looked as (
    select distinct on (name) name, outcome, code, bytes, sha256, end_sha256
    from ledger.file
    where dataset = :dataset and name = any(cast(:listed as text[]))
    order by name, file_id desc
)
select n.name, l.outcome, l.code, l.bytes, l.sha256, l.end_sha256
from unnest(cast(:listed as text[])) as n (name)
left join looked as l using (name)
where not exists (  -- in: these bytes were accepted under this name
    select 1 from ledger.file as f
    where f.dataset = :dataset and f.name = n.name and f.outcome = 'accepted' and f.sha256 = l.sha256
)
order by n.name
