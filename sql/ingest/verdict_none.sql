-- what:   no verdicts: every staged key is new and stands once (seen while decoding), so every row enters
-- basis:  decisions, Speed (the same result as verdict.sql)
-- grain:  an empty table of the shape of verdict.sql
-- params: none
create temporary table verdict (line integer, row_id bigint, verdict text) on commit drop
