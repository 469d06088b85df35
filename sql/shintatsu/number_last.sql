-- what:   the 媒体通番 of an office that was given last
-- basis:  interfaces, 進達
-- grain:  at most one number
-- params: jimusho_code
select baitai_no from ledger.shintatsu_bango where jimusho_code = :jimusho_code order by given_at desc, approval_id desc limit 1
