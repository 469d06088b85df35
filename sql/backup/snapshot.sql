-- what:   which transactions have ended, as a text that changes with each that ends or begins to write
-- basis:  decisions, Backup and restore
-- grain:  one value
-- params: none
select cast(pg_current_snapshot() as text)
