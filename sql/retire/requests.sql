-- what:   requests, how far each has come, who asked and who decided: all, or one, or those of a run
-- basis:  spec 9 (消去証明書)
-- grain:  one request
-- params: retirement_id, run_id (each empty: all)
select r.retirement_id, r.run_id::text as run_id, r.class, r.as_of, r.policy, r.list_hash, r.items, r.bytes, r.approval_id,
    r.requested_at, r.done_at, r.verified, r.certified_at, a.decision, a.maker, a.checker, a.decided_at, a.expires_at,
    w.period, t.gone, t.left_held, t.left_changed, t.left_needed, t.oldest, t.newest, t.gone_bytes, t.first_gone, t.last_gone
from ledger.retirement as r
join ledger.approval as a using (approval_id)
join ledger.run as w on w.run_id = r.run_id
cross join lateral (
    select count(i.gone_at) as gone, count(*) filter (where i.left_why = 'held') as left_held,
        count(*) filter (where i.left_why = 'changed') as left_changed,
        count(*) filter (where i.left_why = 'needed') as left_needed,
        min(i.kept_from) as oldest, max(i.kept_from) as newest,
        coalesce(sum(i.bytes) filter (where i.gone_at is not null), 0)::bigint as gone_bytes,
        min(i.gone_at) as first_gone, max(i.gone_at) as last_gone
    from ledger.retirement_item as i where i.retirement_id = r.retirement_id
) as t
where (cast(:retirement_id as bigint) is null or r.retirement_id = :retirement_id)
    and (cast(:run_id as uuid) is null or r.run_id = cast(:run_id as uuid))
order by r.retirement_id
