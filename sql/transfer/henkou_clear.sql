-- what:   room for the changes of the next file
-- basis:  decisions, 移転1–3
-- grain:  the table
-- params: none
truncate staging.iten_henkou
