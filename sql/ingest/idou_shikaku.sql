-- what:   資格 of these persons: open, or closed by an approved proposal that still stands
-- basis:  spec 4
-- grain:  one 資格 in force
-- params: numbers
with held as (
    select s.*, (
        select min(n.acquired_on) from pension.shikaku as n
        where n.atena_no = s.atena_no and n.superseded_at is null and n.acquired_on > s.acquired_on
    ) as until_on
    from pension.shikaku as s
    where s.superseded_at is null and s.atena_no = any(cast(:numbers as text[]))
)
select s.atena_no, s.row_key as key, s.acquired_on, s.shubetsu_code, greatest(s.acquired_on, s.shubetsu_henkou_on) as begun_on,
    s.lost_on, p.soushitsu_jiyu_code as lost_by, p.atena_id as lost_for, s.until_on
from held as s
left join pension.idou_proposal as p
    on p.approval_id = s.approval_id and p.action in ('loss', 'correct') and s.lost_on is not null
where s.lost_on is null or p.approval_id is not null
order by s.atena_no, s.row_key
