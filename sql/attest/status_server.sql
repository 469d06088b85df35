-- what:   the version of the server, as a number (180004 is 18.4)
-- basis:  手順書 1
-- grain:  one row
-- params: none
select current_setting('server_version_num')::integer as number
