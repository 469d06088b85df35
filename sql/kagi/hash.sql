-- what:   what a second person approves of a key
-- basis:  P53; F29
-- grain:  one key
-- params: key_id
select vault.kagi_hash(:key_id)
