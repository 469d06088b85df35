-- what:   a change of the registry, for a second person
-- basis:  P53, P81; decisions, 登録簿
-- grain:  one approval
-- params: entries, subject, days, run_id, user_name, unit, terminal, reason
select ledger.tourokubo_put(cast(:entries as json), :subject, :days, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
