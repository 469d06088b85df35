-- what:   the media that are in the register, to be counted
-- basis:  P39; P40
-- grain:  one medium
-- params: business_on, month_end (the kinds that are counted)
select register, number, kind, mark, ku_code, keep, holder, state, out_to, limit_on, '' as blank,
    limit_on < cast(:business_on as date) as overdue
from ledger.daichou_ima
where register = 'baitai' and state not in ('gone', 'void') and kind = any(cast(:month_end as text[]))
order by kind, mark, number
