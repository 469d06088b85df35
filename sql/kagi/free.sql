-- what:   whether a key may be given up
-- basis:  F29
-- grain:  one key
-- params: key_id, days
select vault.kagi_free(:key_id, :days)
