-- what:   the token in force, locked until commit
-- basis:  F04
-- grain:  one dataset
-- params: dataset
select token from ledger.fence where dataset = :dataset for update
