-- what:   資格 of these persons: open, or closed by an approved proposal that still stands
-- basis:  spec 4
-- grain:  one 資格 in force
-- params: numbers
select s.atena_no, s.row_key as key, s.acquired_on, s.lost_on,
    case when s.lost_on is not null then p.soushitsu_jiyu_code end as lost_by
from pension.shikaku as s
left join pension.idou_proposal as p on p.approval_id = s.approval_id and p.action in ('loss', 'correct')
where s.superseded_at is null and s.atena_no = any(cast(:numbers as text[])) and (s.lost_on is null or p.approval_id is not null)
order by s.atena_no, s.row_key
