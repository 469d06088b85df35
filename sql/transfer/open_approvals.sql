-- what:   approvals that nobody has decided and that may still change a month or one before it
-- basis:  decisions, Months (最初の版)
-- grain:  one kind
-- params: month_last
-- decides: which open approvals are about a month (喪失日, 該当年月日 or business day of the file by its end)
with about as (
    select p.approval_id
    from pension.idou_proposal as p
    left join pension.shikaku as s on s.row_key = p.shikaku_key and s.superseded_at is null
    where coalesce(least(p.lost_on, s.lost_on), cast(:month_last as date)) <= cast(:month_last as date)
    union
    select t.approval_id
    from pension.kekka_touroku as t join pension.kikou_kekka as k using (kikou_kekka_id)
    where coalesce(k.gaitou_on, k.from_month, k.shori_on, cast(:month_last as date)) <= cast(:month_last as date)
    union
    select approval_id from ledger.teisei where business_on <= cast(:month_last as date)
)
select a.kind, count(*) as n
from ledger.approval as a join about using (approval_id)
where a.decision is null
group by a.kind
order by a.kind
