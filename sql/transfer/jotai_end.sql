-- what:   what the file replaces or takes back is no longer what the recipient has
-- basis:  decisions, 移転1–3 (the state of a recipient)
-- grain:  one record
-- params: dataset, output_id
update ledger.iten_jotai as j set ended_by = :output_id
from staging.iten_henkou as h
where j.dataset = :dataset and j.key = h.key and j.ended_by is null
