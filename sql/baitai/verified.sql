-- what:   what was written was read back from the medium and is the same, with its event
-- basis:  P82
-- grain:  one writing
-- params: event_id, run_id, user_name, unit, terminal, reason
select ledger.baitai_terasu(:event_id, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
