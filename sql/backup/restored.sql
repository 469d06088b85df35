-- what:   this database was restored; nothing runs in it until that is accepted
-- basis:  decisions, Backup and restore
-- grain:  one value, its number
-- params: user_name, unit, terminal, backup, moment
select ledger.restored(:user_name, :unit, :terminal, :backup, :moment)
