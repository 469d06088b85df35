-- what:   which server this is, how it runs, and what it says of handing over its WAL
-- basis:  decisions, Backup and restore
-- grain:  one row
-- params: none
select
    cast((select system_identifier from pg_control_system()) as text) as system,
    (select timeline_id from pg_control_checkpoint()) as timeline,
    current_setting('server_version_num')::integer as version,
    current_setting('archive_mode') as archive_mode,
    coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as failing
from pg_stat_archiver
