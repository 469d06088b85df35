-- what:   whether the server failed to hand over a segment of WAL since it last did
-- basis:  decisions, Backup and restore; F07
-- grain:  one value
-- params: none
select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) from pg_stat_archiver
