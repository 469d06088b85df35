-- what:   the version of the server, as a number (180004 is 18.4)
-- basis:  P87; decisions, Status
-- grain:  one row
-- params: none
select current_setting('server_version_num')::integer as number
