-- what:   whether this database was restored and nobody has accepted it yet
-- basis:  decisions, Backup and restore; F30
-- grain:  one value
-- params: none
select ledger.fukkyu_closed()
