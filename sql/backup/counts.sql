-- what:   how many rows each table has
-- basis:  decisions, Backup and restore
-- grain:  one table
-- params: none
select name, n from ledger.counts() order by name
