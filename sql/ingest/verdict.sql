-- what:   staged rows whose key is held already or stands twice in the file: insert, supersede, unchanged or contradiction
-- basis:  spec 2; decisions, History: a higher version than that of the file which brought the row supersedes it
-- grain:  one staged row under suspicion (the others enter)
-- params: version (names: staged, held)
-- decides: what becomes of a staged row
create temporary table verdict on commit drop as
with twice as (
    select row_key from {staged} group by row_key having count(*) > 1
),
suspect as (
    select s.line, s.row_key, s.content, h.row_id, h.file_version, s.content = h.content as as_held
    from {staged} as s
    left join {held} as h using (row_key)
    where h.row_id is not null or s.row_key in (select row_key from twice)
),
taken as (
    -- at most one row of a key enters: the first that is new, or the first that differs in a file of higher version
    select distinct on (row_key) row_key, line, content
    from suspect
    where row_id is null or (not as_held and file_version < :version)
    order by row_key, line
)
select
    s.line,
    s.row_id,
    case
        when s.line = t.line and s.row_id is null then 'insert'
        when s.line = t.line then 'supersede'
        when (t.line is null or s.line < t.line) and s.as_held then 'unchanged'
        when s.line > t.line and s.content = t.content then 'unchanged'
        else 'contradiction'
    end as verdict
from suspect as s
left join taken as t using (row_key)
