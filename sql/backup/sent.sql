-- what:   the outbound files that the database knows
-- basis:  decisions, Backup and restore; F30
-- grain:  one name
-- params: none
select distinct dataset, name from ledger.output
