-- what:   what the ledger knows of files of these names: those that are in, and those that were refused
-- basis:  F26
-- grain:  name x bytes
-- params: dataset, listed
select distinct name, bytes, sha256, outcome in ('accepted', 'duplicate') as taken
from ledger.file
where dataset = :dataset and name = any(cast(:listed as text[])) and outcome in ('accepted', 'duplicate', 'refused')
