-- what:   whoever sets a hold and whoever destroys wait for each other until the transaction ends
-- basis:  spec 9 (保全 beats every period)
-- grain:  one row
-- params: none
select ledger.hozen_lock()
