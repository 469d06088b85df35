-- what:   versions that were approved and then not sent, because the work stopped in between (not those that another overtook),
--         approved 消去 that are not carried out or not certified, and reports to 日本年金機構 without their medium
-- basis:  P53; spec 5; spec 9
-- grain:  one version, one request, or one report
-- params: kind (all if empty)
select u.kind, u.run_id::text as run_id, u.name
from (
    select a.kind, a.run_id, o.name, a.decided_at, o.output_id as number
    from ledger.output as o join ledger.approval as a using (approval_id)
    where a.decision = 'approved' and o.released_at is null and not exists (
            select 1 from ledger.output as later
            where later.dataset = o.dataset and later.period = o.period and later.version > o.version
                and later.released_at is not null
        )
    union all
    select a.kind, a.run_id, '消去 第' || r.retirement_id || '号', a.decided_at, r.retirement_id
    from ledger.retirement as r join ledger.approval as a using (approval_id)
    where a.decision = 'approved' and (r.done_at is null or (r.certified_at is null and exists (
        select 1 from ledger.retirement_item as i where i.retirement_id = r.retirement_id and i.gone_at is not null
    )))
    union all
    select a.kind, a.run_id, '進達 ' || i.jimusho_code || ' ' || i.opened_on, a.decided_at, a.approval_id
    from ledger.shintatsu_ima as i join ledger.approval as a using (approval_id)
    where i.state = 'approved'
) as u
where cast(:kind as text) is null or u.kind = :kind
order by u.decided_at, u.number
