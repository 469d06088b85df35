-- what:   months whose media are not closed yet
-- basis:  P39; P40
-- grain:  one month
-- params: kinds (those that are counted), until (the last day of the last month that is looked at)
-- decides: which months are over in which media were in the register, and that nobody closed
select to_char(m.first_on, 'YYYY-MM') as month
from generate_series(
    (select date_trunc('month', min(h.first_on)) from ledger.baitai_hajime as h where h.kind = any(cast(:kinds as text[]))),
    cast(cast(:until as date) as timestamp), interval '1 month'
) as m (first_on)
where not exists (select 1 from ledger.tsukijime as c where c.month = to_char(m.first_on, 'YYYY-MM'))
order by 1
