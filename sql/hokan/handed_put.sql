-- what:   a file that was handed over
-- basis:  P39; P40
-- grain:  one file
-- params: output_id, handed_on, receiver, receipt_no, run_id
insert into ledger.hikiwatashi (output_id, handed_on, receiver, receipt_no, run_id)
values (:output_id, :handed_on, :receiver, :receipt_no, cast(:run_id as uuid))
