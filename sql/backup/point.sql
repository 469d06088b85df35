-- what:   a named place in the WAL, and the segment that holds it
-- basis:  decisions, Backup and restore
-- grain:  one row
-- params: name
select lsn, pg_walfile_name(lsn) as segment, clock_timestamp() as moment
from (select pg_create_restore_point(cast(:name as text)) as lsn) as made
