-- what:   the number that the next medium will have (printed on its 送受書), or of the one that is recorded already
-- basis:  spec 5
-- grain:  one number
-- params: none
select coalesce(max(medium_no), 0) + 1 from ledger.medium
