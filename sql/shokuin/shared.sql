-- what:   which of these names are of accounts that many share
-- basis:  P50, P56
-- grain:  one name
-- params: accounts
select n as name from unnest(cast(:accounts as text[])) as n where shokuin.is_shared(n)
