-- what:   the pages of a run lie in their files
-- basis:  what was recorded and not placed is printed again
-- grain:  one page
-- params: run_id
update ledger.printed set placed_at = now() where run_id = cast(:run_id as uuid) and placed_at is null
