-- what:   keys and files of these things are gone; 宛名 and 個人番号 of 取得候補 go now, as far as the one view shows them
-- basis:  spec 1 (kouho); spec 9
-- grain:  one row
-- params: retirement_id, items
select ledger.shoukyo_gone(:retirement_id, cast(:items as integer []))
