-- what:   the first and the last business day of which a file of these datasets was taken in
-- basis:  decisions, Periods
-- grain:  one row; both empty where nothing was
-- params: datasets
select min(business_on) as first_on, max(business_on) as last_on
from ledger.file
where outcome = 'accepted' and dataset = any(cast(:datasets as text[]))
