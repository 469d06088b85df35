-- what:   the acknowledgements of a partner that were read; settled: so long ago that another one would be younger by its clock
-- basis:  F27
-- grain:  one acknowledgement
-- params: partner, listed
select name, sha256, bytes, left_at, noted_at < now() - interval '1 day' as settled
from ledger.juryou
where partner = :partner and name = any(cast(:listed as text[]))
