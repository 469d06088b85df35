-- what:   the number of the file that is being loaded (its row is written last, with its counts)
-- basis:  faults, Promise 1
-- grain:  one number
-- params: none
select nextval(pg_get_serial_sequence('ledger.file', 'file_id'))
