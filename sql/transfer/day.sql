-- what:   a business day of a recipient, and whether a later one is done
-- basis:  F25 (a day that is run again takes nothing back); decisions, 移転1–3
-- grain:  one row
-- params: dataset, business_on
-- decides: whether a business day is still to be sent: neither is it done, nor a later one
select
    d.known_at, d.user_name, d.output_id, d.ended_at is not null as done,
    exists (
        select 1 from ledger.iten_day as l
        where l.dataset = d.dataset and l.business_on > d.business_on and l.ended_at is not null
    ) as overtaken
from ledger.iten_day as d
where d.dataset = :dataset and d.business_on = :business_on
