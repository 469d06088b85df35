-- what:   something is done to a report, with its event
-- basis:  P77; P85; interfaces, 進達
-- grain:  one event
-- params: shintatsu_id, act, done_on, approval_id, output_id, number, counts, run_id, user_name, unit, terminal, reason
select ledger.shintatsu_suru(
    :shintatsu_id, :act, :done_on, :approval_id, :output_id, :number, cast(:counts as json), cast(:run_id as uuid), :user_name,
    :unit, :terminal, :reason
)
