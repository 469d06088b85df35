-- what:   the end of the chain of records
-- basis:  decisions, Backup and restore
-- grain:  one row
-- params: none
select event_id, encode(hash, 'hex') as hash from audit.head
