-- what:   a decision, once, with its event (the run that made it, unless another one acts)
-- basis:  P53; spec 10
-- grain:  one approval
-- params: approval_id, decision, user_name, reason, run_id, unit, terminal, atena_no, shimei4, content_hash
select ledger.decide(:approval_id, :decision, :user_name, :reason, cast(:run_id as uuid), :unit, :terminal, :atena_no, :shimei4,
    :content_hash)
