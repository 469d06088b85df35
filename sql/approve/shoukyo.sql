-- what:   the list of a 消去 as it was asked for, with what each thing of it is now
-- basis:  spec 9 (list unchanged)
-- grain:  one thing
-- params: approval_id
select i.item, i.kind, i.key, i.atena_no, i.dataset, i.sha256, i.bytes, i.kept_from, i.due_on, m.rows as rows_now,
    case i.kind when 'object' then o.due_on when 'kouho' then m.until_on else i.due_on end as due_now,
    case i.kind when 'object' then case when o.key_gone_at is null then o.sealed_sha256 end else i.sha256 end as sha256_now
from ledger.retirement as r
join ledger.retirement_item as i using (retirement_id)
left join ledger.object as o on o.object_id = i.object_id
left join pension.mikakunin as m on m.atena_no = i.atena_no
where r.approval_id = :approval_id
order by i.item
