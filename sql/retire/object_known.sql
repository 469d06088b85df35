-- what:   whether an object is there, and not gone
-- basis:  spec 9
-- grain:  one row
-- params: object_id
select exists (select from ledger.object as o where o.object_id = :object_id and o.gone_at is null)
