-- what:   the register of media and disks, with what is gone
-- basis:  P39; P40; P45
-- grain:  one entry
-- params: business_on
select register, number, kind, mark, ku_code, from_on, to_on, keep, due_on, quantity, key_name, holder, soujusho_no, content,
    media_name, state, out_to, out_on, medium_no, in_on, wiped_on, method, certificate_no, done_on, done_by, received_on,
    reported_by, confirmed_by, limit_on, limit_on < cast(:business_on as date) as overdue,
    (
        select string_agg(n.archive_name || coalesce('（送受書 ' || n.receipt_no || '）', ''), E'\n' order by n.event_id)
        from ledger.baitai_noru as n where n.number = d.number
    ) as on_it
from ledger.daichou_ima as d
where register = 'baitai' and state <> 'void'
order by number
