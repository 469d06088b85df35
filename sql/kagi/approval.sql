-- what:   the last approval to give up a key
-- basis:  P53
-- grain:  one approval
-- params: content_hash
select approval_id, decision, expires_at < now() as expired
from ledger.approval where kind = 'kagi' and content_hash = :content_hash order by approval_id desc limit 1
