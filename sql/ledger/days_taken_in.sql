-- what:   of which of these datasets a file of the business day was taken in
-- basis:  decisions, Late files
-- grain:  one dataset
-- params: datasets, business_on
select distinct dataset from ledger.file
where outcome = 'accepted' and business_on = :business_on and dataset = any(cast(:datasets as text[]))
order by dataset
