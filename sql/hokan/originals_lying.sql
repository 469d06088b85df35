-- what:   originals whose clear ones have not been told to be gone
-- basis:  spec 9
-- grain:  one object
-- params: dataset
select object_id, origin from ledger.object where class = 'C' and dataset = :dataset and cleared_at is null order by object_id
