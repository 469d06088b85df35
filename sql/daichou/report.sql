-- what:   a report that an entry is gone (or wiped), put before a second person, with its event
-- basis:  P44; P45; P53; P75; P93
-- grain:  one report; its approval
-- params: register, number, report (its columns, as JSON), subject, days, run_id, user_name, unit, terminal, reason
select ledger.daichou_report(:register, :number, cast(:report as json), :subject, :days, cast(:run_id as uuid), :user_name,
    :unit, :terminal, :reason)
