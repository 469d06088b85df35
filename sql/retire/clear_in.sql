-- what:   which of these files of an inbox are in by their bytes (those are the archive's), which a request names, and which are
--         held
-- basis:  spec 9
-- grain:  one file
-- params: dataset, listed, keys, sha256s, days
select l.key,
    exists (
        select from ledger.file as f
        where f.dataset = :dataset and f.name = l.name and f.sha256 = l.sha256 and f.outcome = 'accepted'
    ) as taken_in,
    exists (select from ledger.shoukyo_asked as a where a.key = l.key and a.sha256 = l.sha256) as asked,
    ledger.hozen_on(l.day) as held
from unnest(cast(:listed as text []), cast(:keys as text []), cast(:sha256s as text []), cast(:days as date []))
    as l (name, key, sha256, day)
order by l.key
