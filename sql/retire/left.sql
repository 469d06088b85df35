-- what:   one thing is another than was approved, and stays
-- basis:  spec 9
-- grain:  one row
-- params: retirement_id, item
select ledger.shoukyo_left(:retirement_id, :item)
