-- what:   that an archive may be written onto a medium once more, put before a second person, with its event
-- basis:  P39; P40; P53
-- grain:  one request; its approval
-- params: medium_no, subject, days, run_id, user_name, unit, terminal, reason
select ledger.baitai_kakinaosu(:medium_no, :subject, :days, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
