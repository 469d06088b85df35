-- what:   宛名 and 個人番号 of these 取得候補 are deleted, as far as the one view shows them; the items of whom they were
-- basis:  spec 1 (kouho); spec 9
-- grain:  one row
-- params: retirement_id, items
select pension.kesu_kouho(:retirement_id, cast(:items as integer []))
