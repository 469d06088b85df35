-- what:   a key is given up, with its event; its file goes after it
-- basis:  P53; F29
-- grain:  one key
-- params: key_id, approval_id, days, run_id, user_name, unit, terminal, reason
select vault.kagi_retire(:key_id, :approval_id, :days, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
