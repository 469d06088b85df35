-- what:   the registry in force on a business day, as a hash
-- basis:  P79–P81; decisions, 登録簿
-- grain:  one hash
-- params: day
select ledger.tourokubo_hash(:day)
