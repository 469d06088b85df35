-- what:   the number of the next file of forms
-- basis:  P5; decisions, Printing (no file is ever written over: its pages have their records)
-- grain:  one file
-- params: none
select nextval('ledger.print_no')
