-- what:   the acknowledgements of a partner that were read
-- basis:  F27
-- grain:  one acknowledgement
-- params: partner, listed
select name, sha256, bytes, left_at from ledger.kakunin where partner = :partner and name = any(cast(:listed as text[]))
