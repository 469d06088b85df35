-- what:   the business days of a dataset that were taken in
-- basis:  decisions, Months
-- grain:  one day
-- params: dataset
select distinct business_on from ledger.file where dataset = :dataset and outcome = 'accepted' order by business_on
