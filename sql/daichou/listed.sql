-- what:   the entries of the registers as they are now (of one register, or of one entry)
-- basis:  P44; P45; P75; P93
-- grain:  one entry
-- params: register, number
select register, number, version, kind, mark, ku_code, from_on, to_on, keep, due_on, quantity, key_name, holder, soujusho_no,
    content, media_name, state, out_to, out_on, out_due_on, medium_no, in_on, wiped_on, method, certificate_no, done_on, done_by,
    received_on, reported_by, confirmed_by, limit_on
from ledger.daichou_ima
where register = coalesce(:register, register) and number = coalesce(:number, number)
order by array_position(array['kami', 'baitai', 'fukusei'], register), number
