-- what:   the clear files of objects are gone
-- basis:  spec 9
-- grain:  one object
-- params: object_ids
update ledger.object set cleared_at = now() where object_id = any(cast(:object_ids as bigint[])) and cleared_at is null
