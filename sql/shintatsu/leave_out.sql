-- what:   a record stays out of one report, or comes back into it
-- basis:  P85
-- grain:  one event
-- params: shintatsu_id, uketsuke_no, out, why, run_id, user_name, unit, terminal, reason
select ledger.shintatsu_nozoku(
    :shintatsu_id, :uketsuke_no, :out, :why, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason
)
