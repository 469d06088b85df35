-- what:   to whom a person was given: the files that told of him, also the question that named him by 個人番号 alone
-- basis:  P78
-- grain:  one file, in the order in which they left
-- params: atena_no
with told as (
    select s.output_id from ledger.iten_soufu as s where s.atena_no = :atena_no
    union
    select o.output_id
    from vault.kojin_no as his
    join vault.kojin_no as nobodys on nobodys.hmac = his.hmac and nobodys.atena_no is null
    join pension.juki_shoukai as q on q.kojin_id = nobodys.kojin_id
    join ledger.output as o on o.run_id = q.run_id and o.dataset = 'juki_shoukai'
        and o.released_at is not null
    where his.atena_no = :atena_no
)
select
    o.released_at, o.dataset, o.period, o.name, o.version, k.transfer_id, k.kind, k.recipient, k.basis, k.purpose, k.title,
    k.items, k.partner, k.permission_no, k.row_sha256, m.kind as medium, m.medium_no, h.receipt_no, h.handed_on, h.receiver,
    r.user_name, a.approval_id, a.checker, s.sent_at, s.confirmed_at
from told
join ledger.output as o using (output_id)
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
order by o.released_at, o.output_id
