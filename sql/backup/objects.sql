-- what:   the archived objects that the database knows, and whether their keys were destroyed
-- basis:  decisions, Backup and restore
-- grain:  one object
-- params: none
select object_key, class, dataset, period, name, sha256, key_gone_at is not null as gone from ledger.object order by object_id
