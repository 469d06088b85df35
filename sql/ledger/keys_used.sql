-- what:   the keys that were used and not given up, with the proof that was kept of each when it was first used
-- basis:  spec 2 (保管庫); F29
-- grain:  one key
-- params: none
select key_id, proof from vault.key_check where retired_at is null order by key_id
