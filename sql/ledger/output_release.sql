-- what:   an outbound file counts as sent: permitted, placed, read back, recorded
-- basis:  faults, Promise 4; P81
-- grain:  one version
-- params: output_id, registry_sha256
update ledger.output set released_at = now(), registry_sha256 = :registry_sha256
where output_id = :output_id and released_at is null
