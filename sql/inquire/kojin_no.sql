-- what:   the ciphertext of the 個人番号 of a committed record
-- basis:  spec 2 (every read of the vault names its purpose)
-- grain:  one number
-- params: event_id, purpose
select cipher, key_id from vault.read(:event_id, :purpose)
