-- what:   the files that left on days of a period, with what the registry said of each when it left
-- basis:  P78; P80; P81
-- grain:  one file, in the order in which they left
-- params: first_on, last_on
select
    o.released_at, o.dataset, o.period, o.name, o.rows, o.sha256, o.version, o.reason, k.transfer_id, k.kind, k.purpose, k.basis,
    k.title, k.persons, k.partner, k.permission_no, k.row_sha256, m.kind as medium, m.medium_no, h.receipt_no, h.handed_on,
    h.receiver, a.approval_id, a.checker, r.user_name, s.sent_at, s.confirmed_at, coalesce(k.recipient, m.recipient) as recipient
from ledger.output as o
join ledger.run as r using (run_id)
left join ledger.iten_kiroku as k on k.output_id = o.output_id
left join ledger.medium as m on m.output_id = o.output_id
left join ledger.hikiwatashi as h on h.output_id = o.output_id
left join lateral (
    select t.sent_at, (
        select max(c.received_at) from ledger.juryou as c where c.soushin_id = t.soushin_id and c.result = 'accepted'
    ) as confirmed_at
    from ledger.soushin as t where t.output_id = o.output_id
    order by t.attempt desc limit 1
) as s on true
left join ledger.approval as a on a.approval_id = o.approval_id
where cast(o.released_at at time zone 'Asia/Tokyo' as date) between :first_on and :last_on
order by o.released_at, o.output_id
