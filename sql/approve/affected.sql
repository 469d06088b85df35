-- what:   released monthly files that would be other now: 資格 written by these approvals changed something within their month
-- basis:  F16 (a correction of what was already transferred lists the transfers)
-- grain:  one released file
-- params: approvals, datasets
with written as (
    select s.*, p.lost_on as lost_before, p.shubetsu_code as shubetsu_before, p.shutoku_jiyu_code as jiyu_before,
        p.shikaku_id as before_id
    from pension.shikaku as s
    left join lateral (
        select * from pension.shikaku as b where b.row_key = s.row_key and b.shikaku_id < s.shikaku_id
        order by b.shikaku_id desc limit 1
    ) as p on true
    where s.approval_id = any(cast(:approvals as bigint[]))
),
changed as (
    select case
        when before_id is null then acquired_on
        when lost_on is distinct from lost_before then least(lost_on, lost_before)
        when shubetsu_code is distinct from shubetsu_before then coalesce(shubetsu_henkou_on, acquired_on)
        when shutoku_jiyu_code is distinct from jiyu_before then acquired_on
        end as since
    from written
    union all
    select s.acquired_on
    from ledger.approval as a
    join pension.kekka_touroku as t using (approval_id)
    join pension.kikou_kekka as k using (kikou_kekka_id)
    join pension.shikaku as s on s.superseded_at = now() and s.approval_id is not null
    where a.approval_id = any(cast(:approvals as bigint[])) and k.kekka_code = '06'
        and not exists (select 1 from pension.shikaku as n where n.row_key = s.row_key and n.superseded_at is null)
)
select o.dataset, o.period, o.name, o.version, o.rows
from ledger.output as o
where o.released_at is not null and o.dataset = any(cast(:datasets as text[]))
    and o.period >= (select to_char(min(since), 'YYYY-MM') from changed)
    and not exists (
        select 1 from ledger.output as n
        where n.dataset = o.dataset and n.period = o.period and n.released_at is not null and n.version > o.version
    )
order by o.period, o.dataset
