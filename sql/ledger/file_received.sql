-- what:   the numbers of a counter that were received; current: since the newest 全件 file, by business day and number, set it
-- basis:  interfaces, Arrival; decisions, Late files (what came late sets nothing back: the order of arrival does not count)
-- grain:  one seq and business day: highest version, and the name of that file
-- params: dataset, stream
-- decides: which of the numbers that were received the next one is counted from
with accepted as (
    select seq, version, name, business_on, resets
    from ledger.file
    where dataset = :dataset and stream = :stream and outcome = 'accepted'
),
start as (
    select business_on, coalesce(seq, 0) as seq from accepted where resets order by 1 desc, 2 desc limit 1
)
select distinct on (a.seq, a.business_on) a.seq, a.version, a.name, a.business_on,
    not exists (select 1 from start as s where (a.business_on, coalesce(a.seq, 0)) < (s.business_on, s.seq)) as current
from accepted as a
order by a.seq, a.business_on, a.version desc
