-- what:   whether a backup has its event
-- basis:  decisions, Backup and restore; P88
-- grain:  one value
-- params: head, backup
select exists (select from audit.event where event_id > :head and operation = 'バックアップ' and object = :backup)
