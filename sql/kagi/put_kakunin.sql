-- what:   the same under the new key, where they are still those that were read, with its event
-- basis:  F29; P56
-- grain:  one batch; how many
-- params: event_id, people, before, ciphers
select vault.kagi_put_kakunin(:event_id, cast(:people as text[]), cast(:before as bytea[]), cast(:ciphers as bytea[]))
