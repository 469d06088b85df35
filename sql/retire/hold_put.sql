-- what:   a hold
-- basis:  spec 9 (保全)
-- grain:  one hold
-- params: kind, object_id, atena_no, first_on, last_on, reason, review_on, run_id
insert into ledger.hold (kind, object_id, atena_no, first_on, last_on, reason, review_on, run_id)
values (:kind, :object_id, :atena_no, :first_on, :last_on, :reason, :review_on, cast(:run_id as uuid))
returning hold_id
