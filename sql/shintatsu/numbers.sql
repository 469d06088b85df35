-- what:   the 媒体通番 of an office in the order in which they were given
-- basis:  interfaces, 進達
-- grain:  one number
-- params: jimusho_code
select approval_id, baitai_no from ledger.shintatsu_bango where jimusho_code = :jimusho_code order by given_at, approval_id
