-- what:   the numbers of a counter that were received; current: since a 全件 file (its first version) set the counter
-- basis:  interfaces, Arrival
-- grain:  one seq and business day: highest version, and the name of that file
-- params: dataset, stream
with accepted as (
    select file_id, seq, version, name, business_on, resets,
        row_number() over (partition by seq, business_on order by file_id) = 1 as is_first
    from ledger.file
    where dataset = :dataset and stream = :stream and outcome = 'accepted'
),
start as (
    select coalesce(max(file_id), 0) as file_id from accepted where resets and is_first
)
select distinct on (a.seq, a.business_on) a.seq, a.version, a.name, a.business_on, a.file_id >= start.file_id as current
from accepted as a, start
order by a.seq, a.business_on, a.version desc
