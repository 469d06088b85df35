-- what:   the keys that were used, and what still needs each
-- basis:  F29
-- grain:  one key and what needs it
-- params: none
select key_id, rotated_at, retired_at, what, rewritten, n from vault.kagi_listed()
