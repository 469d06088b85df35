-- what:   which of these files of an inbox are in by their bytes (they are not for a request, but for the archive), which a request
--         that goes on names, and which a hold keeps
-- basis:  spec 9
-- grain:  one file
-- params: dataset, listed, keys, sha256s, days
select l.key,
    exists (
        select from ledger.file as f
        where f.dataset = :dataset and f.name = l.name and f.sha256 = l.sha256 and f.outcome = 'accepted'
    ) as taken_in,
    exists (
        select from ledger.retirement_item as t
        join ledger.retirement as r using (retirement_id)
        join ledger.approval as a using (approval_id)
        where t.key = l.key and t.sha256 = l.sha256 and t.left_why is null and r.done_at is null
            and coalesce(a.decision, 'approved') = 'approved' and (a.decision is not null or a.expires_at >= now())
    ) as asked,
    exists (
        select from ledger.hold as h
        where h.released_at is null and h.object_id is null
            and (h.first_on is null or daterange(h.first_on, h.last_on, '[]') @> l.day)
    ) as held
from unnest(cast(:listed as text []), cast(:keys as text []), cast(:sha256s as text []), cast(:days as date []))
    as l (name, key, sha256, day)
order by l.key
