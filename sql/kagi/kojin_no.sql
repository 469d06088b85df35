-- what:   個人番号 of an old key, in one piece: each its number (8 bytes) and its ciphertext
-- basis:  spec 2 (key_id for rotation); F29
-- grain:  one batch
-- params: event_id, after, most
select vault.kagi_kojin_no(:event_id, :after, :most)
