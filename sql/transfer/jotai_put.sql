-- what:   what the recipient has with this file
-- basis:  decisions, 移転1–3 (the state of a recipient)
-- grain:  one record
-- params: dataset, output_id
insert into ledger.iten_jotai (dataset, key, atena_no, hash, output_id)
select :dataset, key, atena_no, hash, :output_id from staging.iten_henkou where koshin_kbn <> '3'
