-- what:   a change of the registry is in force from a day on
-- basis:  P81; decisions, 登録簿
-- grain:  the rows of one change
-- params: approval_id, from_on
update ledger.tourokubo set from_on = :from_on where approval_id = :approval_id and from_on is null
