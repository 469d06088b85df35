-- what:   the keys that were used, with the proof that was kept of each when it was first used
-- basis:  spec 2 (保管庫); F29
-- grain:  one key
-- params: none
select key_id, proof from vault.key_check order by key_id
