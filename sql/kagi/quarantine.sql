-- what:   quarantined records of an old key
-- basis:  F29
-- grain:  one record
-- params: event_id, most
select file_id, line, cipher from vault.kagi_quarantine(:event_id, :most)
