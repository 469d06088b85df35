-- what:   a part of a file that has left was told to be missing: once is enough, the office may have taken it
-- basis:  faults, Promise 4
-- grain:  one part
-- params: output_id, part, run_id
insert into ledger.output_missing (output_id, part, run_id) values (:output_id, :part, cast(:run_id as uuid))
on conflict do nothing
