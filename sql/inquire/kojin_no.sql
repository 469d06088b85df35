-- what:   the ciphertext of one 個人番号, its purpose recorded before it is given
-- basis:  spec 2 (every read of the vault names its purpose)
-- grain:  at most one number
-- params: kojin_id, run_id, user_name, unit, terminal
select cipher, key_id from vault.read(:kojin_id, cast(:run_id as uuid), :user_name, :unit, :terminal, '住基照会')
