-- what:   rows that a file of higher version replaces: kept, marked superseded
-- basis:  spec 2
-- grain:  one row in force
-- params: file_id (names: table, id)
update pension.{table} as t set superseded_at = now(), superseded_by_file = :file_id
from verdict as v
where v.verdict = 'supersede' and v.row_id = t.{table}_id
