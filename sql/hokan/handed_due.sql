-- what:   from when the parts of a file that was handed over are kept, and until when
-- basis:  spec 9; P39
-- grain:  one object
-- params: output_id, kept_from, due_on
update ledger.object set kept_from = :kept_from, due_on = :due_on where output_id = :output_id and class = 'D'
