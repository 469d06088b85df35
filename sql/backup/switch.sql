-- what:   the segment of WAL that is being written ends here
-- basis:  decisions, Backup and restore
-- grain:  one value
-- params: none
select cast(pg_switch_wal() as text)
