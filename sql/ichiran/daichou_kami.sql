-- what:   the register of paper, with what is gone
-- basis:  P44; P54; P93
-- grain:  one entry
-- params: business_on
select register, number, kind, mark, ku_code, from_on, to_on, keep, due_on, quantity, key_name, holder, soujusho_no, content,
    media_name, state, out_to, out_on, medium_no, in_on, wiped_on, method, certificate_no, done_on, done_by, received_on,
    reported_by, confirmed_by, limit_on, limit_on < cast(:business_on as date) as overdue
from ledger.daichou_ima
where register = 'kami' and state <> 'void'
order by number
