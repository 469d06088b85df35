-- what:   the numbers of a counter received since a 全件 file set it
-- basis:  interfaces, Arrival
-- grain:  one seq: highest version, and the name and business day of that file
-- params: dataset, stream
with start as (
    select coalesce(max(file_id), 0) as file_id from ledger.file where dataset = :dataset and stream = :stream and outcome = 'accepted' and resets
)
select distinct on (f.seq, case when f.seq is null then f.business_on end) f.seq, f.version, f.name, f.business_on
from ledger.file as f, start
where f.dataset = :dataset and f.stream = :stream and f.outcome = 'accepted' and f.file_id >= start.file_id
order by f.seq, case when f.seq is null then f.business_on end, f.version desc
