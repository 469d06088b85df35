-- what:   one version of one inbound file and what became of it (the counts must balance: constraint counts_balance)
-- basis:  spec 3; faults, Promise 1; faults, Promise 2; faults, Promise 3
-- grain:  one file version
-- params: run_id, dataset, stream, resets, name, business_on, seq, version, bytes, sha256, end_sha256, outcome, code, facts,
--         first_file_id, data_count, new, updated, unchanged, quarantined, out_of_scope, gaiji_characters, gaiji_rows, file_id
insert into ledger.file (run_id, dataset, stream, resets, name, business_on, seq, version, bytes, sha256, end_sha256, outcome,
    code, facts, first_file_id, data_count, new_count, updated_count, unchanged_count, quarantined_count, out_of_scope_count,
    gaiji_characters, gaiji_rows, file_id)
overriding system value
values (cast(:run_id as uuid), :dataset, :stream, :resets, :name, :business_on, :seq, :version, :bytes, :sha256, :end_sha256,
    :outcome, :code, cast(:facts as jsonb), :first_file_id, :data_count, :new, :updated, :unchanged, :quarantined, :out_of_scope,
    :gaiji_characters, :gaiji_rows,
    coalesce(cast(:file_id as bigint), nextval(pg_get_serial_sequence('ledger.file', 'file_id'))))
returning file_id
