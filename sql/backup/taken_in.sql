-- what:   the inbound files that are in
-- basis:  decisions, Backup and restore; F30
-- grain:  one name
-- params: none
select distinct dataset, name from ledger.file where outcome = 'accepted'
