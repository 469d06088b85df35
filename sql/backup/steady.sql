-- what:   from here on the transaction sees one state
-- basis:  decisions, Backup and restore
-- grain:  nothing
-- params: none
set transaction isolation level repeatable read
