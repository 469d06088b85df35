-- what:   restores that nobody but who made them has accepted
-- basis:  decisions, Backup and restore; F30
-- grain:  one restore
-- params: none
select fukkyu_id, restored_by, backup, moment, head_event, head_hash from ledger.fukkyu_open order by fukkyu_id
