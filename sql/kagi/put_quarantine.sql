-- what:   the same under the new key, with its event
-- basis:  F29
-- grain:  one batch; how many
-- params: event_id, files, lines, ciphers
select vault.kagi_put_quarantine(:event_id, cast(:files as bigint[]), cast(:lines as integer[]), cast(:ciphers as bytea[]))
