-- what:   what an approval wrote to a table is taken back: its version ends, the one before it comes again as a new row
-- basis:  decisions, Registering a result (06: undone by new versions)
-- grain:  one row in force
-- params: target, approval_id, file_id, line (names: table, columns, same: the row it ended, or the 受付 of its intake)
with gone as (
    update pension.{table} set superseded_at = now() where approval_id = :target and superseded_at is null
    returning *
),
before as (
    select distinct on (p.row_key) p.*
    from pension.{table} as p join gone as g on {same}
    where p.{table}_id < g.{table}_id and p.superseded_at = g.recorded_at
    order by p.row_key, p.{table}_id desc
),
again as (
    insert into pension.{table} ({columns}, row_key, file_id, line, approval_id)
    select {columns}, row_key, :file_id, :line, :approval_id from before
    returning 1
)
select count(*) from gone
