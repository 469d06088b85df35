-- what:   an outbound file counts as sent: placed, read back, recorded
-- basis:  faults, Promise 4
-- grain:  one version
-- params: output_id
update ledger.output set released_at = now() where output_id = :output_id and released_at is null
