-- what:   what the registry answered to a file that wants to leave
-- basis:  P79–P82
-- grain:  one answer
-- params: run_id, row_id, dataset, name, recipient, answer, code, business_on, row_sha256, registry_sha256, output_id
insert into ledger.iten_hantei (run_id, row_id, dataset, name, recipient, answer, code, business_on, row_sha256,
    registry_sha256, output_id)
values (cast(:run_id as uuid), :row_id, :dataset, :name, :recipient, :answer, :code, :business_on, :row_sha256,
    :registry_sha256, :output_id)
