-- what:   the first and the last business day of which a file was taken in
-- basis:  decisions, Periods
-- grain:  one row; both empty where nothing was
-- params: none
select min(business_on) as first_on, max(business_on) as last_on from ledger.file where outcome = 'accepted'
