-- what:   a new fencing token of a dataset; whoever holds an older one writes no more
-- basis:  F04
-- grain:  one dataset
-- params: dataset
insert into ledger.fence (dataset, token) values (:dataset, 1)
on conflict (dataset) do update set token = ledger.fence.token + 1
returning token
