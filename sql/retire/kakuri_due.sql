-- what:   how many encrypted rows of 隔離 of a dataset are due, of which days, and how many of them a hold keeps
-- basis:  spec 9
-- grain:  one row
-- params: dataset, before
select count(*) as n, coalesce(sum(k.bytes), 0)::bigint as bytes, min(k.day) as oldest, max(k.day) as newest, (
        select count(*) from ledger.quarantine as q join ledger.file as f using (file_id)
        where f.dataset = :dataset and f.received_at::date < :before and q.row_cipher is not null
        and ledger.hozen_on(f.business_on)
    ) as held
from (
    select f.received_at::date as day, octet_length(q.row_cipher) as bytes
    from ledger.quarantine as q join ledger.file as f using (file_id)
    where f.dataset = :dataset and f.received_at::date < :before and q.row_cipher is not null
        and not ledger.hozen_on(f.business_on)
) as k
