-- what:   an archive is about to be written onto a medium of the register, with its event
-- basis:  P39; P40; P70; P82
-- grain:  one writing; its event
-- params: number, medium_no, written_on, run_id, user_name, unit, terminal, reason
select ledger.baitai_kaku(:number, :medium_no, :written_on, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
