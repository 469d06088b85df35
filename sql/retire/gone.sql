-- what:   keys and files of these things are gone
-- basis:  spec 9
-- grain:  one row
-- params: retirement_id, items
select ledger.shoukyo_gone(:retirement_id, cast(:items as integer []))
