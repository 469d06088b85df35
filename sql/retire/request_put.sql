-- what:   a request: what is to go, as a list that does not change any more
-- basis:  spec 9
-- grain:  one request
-- params: run_id, name, as_of, policy, list_hash, items, bytes, approval_id
insert into ledger.retirement (run_id, class, as_of, policy, list_hash, items, bytes, approval_id)
values (cast(:run_id as uuid), :name, :as_of, :policy, :list_hash, :items, :bytes, :approval_id)
returning retirement_id
