-- what:   a number of a file of forms, after so many steps of the counter
-- basis:  P5; decisions, Printing (no file is ever written over: its pages have their records)
-- grain:  one file
-- params: steps
select max(nextval('ledger.print_no')) from generate_series(1, :steps)
