-- what:   a count of the media at the end of a month, put before a second person, with its event
-- basis:  P39; P40; P53
-- grain:  one count; its approval
-- params: count (its columns, as JSON), subject, days, run_id, user_name, unit, terminal, reason
select ledger.tanaoroshi_put(cast(:count as json), :subject, :days, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
