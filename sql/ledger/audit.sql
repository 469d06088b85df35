-- what:   one record, in the transaction of what it records
-- basis:  spec 10; P66; P77; P78; P82
-- grain:  one event
-- params: run_id, user_name, unit, terminal, reason, atena_no, shimei4, operation, object, counts
select audit.record(cast(:run_id as uuid), :user_name, :unit, :terminal, :reason, :atena_no, :shimei4, :operation,
    :object, :counts)
