-- what:   where a partner's server is, for a second person
-- basis:  P57, P86
-- grain:  one approval
-- params: entry, subject, days, run_id, user_name, unit, terminal, reason
select ledger.aitesaki_put(cast(:entry as json), :subject, :days, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
