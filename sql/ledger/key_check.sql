-- what:   the proof that was kept when this key was first used; none when that is now (then it is kept)
-- basis:  spec 2 (保管庫); F29
-- grain:  at most one key
-- params: key_id, proof
with first_use as (insert into vault.key_check (key_id, proof) values (:key_id, :proof) on conflict (key_id) do nothing)
select proof from vault.key_check where key_id = :key_id
