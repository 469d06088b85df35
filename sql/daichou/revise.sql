-- what:   a correction of an entry, or that it is none, put before a second person, with its event
-- basis:  P53
-- grain:  one new version; its approval
-- params: entry (its columns, as JSON), subject, days, run_id, user_name, unit, terminal, reason
select ledger.daichou_revise(cast(:entry as json), :subject, :days, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
