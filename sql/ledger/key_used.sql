-- what:   the proof of a key that is used for the first time
-- basis:  spec 2 (保管庫); F29
-- grain:  at most one key
-- params: key_id, proof
insert into vault.key_check (key_id, proof) values (:key_id, :proof) on conflict (key_id) do nothing
