-- what:   whether an object has its row
-- basis:  spec 9
-- grain:  one value
-- params: object_key
select exists (select 1 from ledger.object where object_key = :object_key)
