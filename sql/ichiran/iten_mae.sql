-- what:   files that left before it was kept whom a file tells of: whether they told of somebody is not known from here
-- basis:  P78
-- grain:  all of them: how many, and when the last one left
-- params: none
select count(*) as files, max(o.released_at) as until
from ledger.output as o
where o.released_at is not null and not exists (select 1 from ledger.iten_kiroku as k where k.output_id = o.output_id)
