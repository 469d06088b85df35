-- what:   how many encrypted rows of 隔離 of a dataset are due, of which days, and how many of them a hold keeps
-- basis:  spec 9
-- grain:  one row
-- params: dataset, before
select count(*) filter (where not k.held) as n, coalesce(sum(k.bytes) filter (where not k.held), 0)::bigint as bytes,
    min(k.day) filter (where not k.held) as oldest, max(k.day) filter (where not k.held) as newest, count(*) filter (where k.held) as held
from (
    select f.received_at::date as day, octet_length(q.row_cipher) as bytes, exists (
        select from ledger.hold as h
        where h.released_at is null and h.object_id is null
            and (h.first_on is null or daterange(h.first_on, h.last_on, '[]') @> f.business_on)
    ) as held
    from ledger.quarantine as q join ledger.file as f using (file_id)
    where f.dataset = :dataset and f.received_at::date < :before and q.row_cipher is not null
) as k
