-- what:   what of the registers is past its limit on a day, or soon will be
-- basis:  P44; P45; P75; P93
-- grain:  one entry, the oldest limit first
-- params: last_on, ahead (register -> days)
select d.register, d.number, d.kind, d.mark, d.ku_code, d.content, d.quantity, d.holder, d.out_to, d.state, d.limit_on,
    d.limit_on < cast(:last_on as date) as overdue
from ledger.daichou_ima as d
where d.limit_on <= cast(:last_on as date) + (cast(:ahead as json) ->> d.register)::integer
order by d.limit_on, d.register, d.number
