-- what:   the end of the audit chain
-- basis:  spec 10
-- grain:  one row
-- params: none
select event_id, encode(hash, 'hex') as hash from audit.head
