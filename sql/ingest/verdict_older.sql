-- what:   rows of a higher version that are older than the row they would supersede: they contradict it
-- basis:  decisions, Late files (newer content is never set back)
-- grain:  one staged row
-- params: none (names: staged, table, newer_by)
-- decides: which rows of a higher version supersede nothing, because what is held is newer
update verdict as v set verdict = 'contradiction'
from pension.{table} as t, {staged} as s
where v.verdict = 'supersede' and t.{table}_id = v.row_id and s.line = v.line and s.{newer_by} < t.{newer_by}
