-- what:   the same under the new key, with its event
-- basis:  spec 2 (key_id for rotation); F29
-- grain:  one batch; how many
-- params: event_id, packed, width
select vault.kagi_put_kojin_no(:event_id, :packed, :width)
