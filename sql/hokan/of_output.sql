-- what:   the encrypted copy of a file that left
-- basis:  spec 9
-- grain:  at most one object
-- params: output_id, name
select object_id, object_key, class, dataset, name, sha256, key_gone_at
from ledger.object
where output_id = :output_id and name = :name and class = 'D'
order by object_id desc limit 1
