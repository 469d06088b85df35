-- what:   a version of an outbound file
-- basis:  spec 5; P82 (every file output is recorded)
-- grain:  one version
-- params: run_id, dataset, period, seq, version, name, rows, sha256, body_sha256, created_on, known_at, reason, approval_id
insert into ledger.output (run_id, dataset, period, seq, version, name, rows, sha256, body_sha256, created_on, known_at,
    reason, approval_id)
values (cast(:run_id as uuid), :dataset, :period, :seq, :version, :name, :rows, :sha256, :body_sha256, :created_on,
    :known_at, :reason, :approval_id)
returning output_id
