-- what:   the 媒体通番 of what was fixed
-- basis:  interfaces, 進達
-- grain:  one number
-- params: approval_id, shintatsu_id, jimusho_code, baitai_no
insert into ledger.shintatsu_bango (approval_id, shintatsu_id, jimusho_code, baitai_no)
values (:approval_id, :shintatsu_id, :jimusho_code, :baitai_no)
