-- what:   the pages of a file lie in their place
-- basis:  P5; decisions, Printing (what was recorded and not placed is printed again)
-- grain:  one page
-- params: file_name
update ledger.printed set placed_at = now() where file_name = :file_name and placed_at is null
