-- what:   an entry of a register, with its event
-- basis:  P44; P45; P54; P75; P93
-- grain:  one entry; its number
-- params: entry (its columns, as JSON), run_id, user_name, unit, terminal, reason
select ledger.daichou_put(cast(:entry as json), cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
