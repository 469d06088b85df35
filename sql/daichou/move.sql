-- what:   a medium goes out or comes back, with its event
-- basis:  P39; P40; P70
-- grain:  one act; who has it now
-- params: number, act, moved_on, holder, due_on, medium_no, run_id, user_name, unit, terminal, reason
select ledger.daichou_move(:number, :act, :moved_on, :holder, :due_on, :medium_no, cast(:run_id as uuid), :user_name, :unit,
    :terminal, :reason)
