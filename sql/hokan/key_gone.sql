-- what:   whether the key of an object is to be gone
-- basis:  spec 9
-- grain:  one value
-- params: object_key
select exists (select 1 from ledger.object where object_key = :object_key and key_gone_at is not null)
