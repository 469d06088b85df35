-- what:   everything of before was written anew under this key, with its event
-- basis:  F29
-- grain:  one key
-- params: new, run_id, user_name, unit, terminal, reason
select vault.kagi_finish(:new, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
