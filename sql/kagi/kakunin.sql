-- what:   secrets of second factors of an old key
-- basis:  F29; P56
-- grain:  one secret
-- params: event_id, most
select person, cipher from vault.kagi_kakunin(:event_id, :most)
