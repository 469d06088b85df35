-- what:   the 媒体通番 of what was fixed, if it has one
-- basis:  interfaces, 進達
-- grain:  at most one
-- params: approval_id
select baitai_no from ledger.shintatsu_bango where approval_id = :approval_id
