-- what:   the latest business day that was taken in (作成年月日 of a monthly run unless given)
-- basis:  decisions, Months
-- grain:  one day
-- params: none
select max(business_on) from ledger.file where outcome = 'accepted'
