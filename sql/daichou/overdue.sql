-- what:   how many entries of the registers are past their limit
-- basis:  P44; P45; P75; P93
-- grain:  one row
-- params: today
select count(*) as n from ledger.daichou_ima where limit_on < cast(:today as date)
