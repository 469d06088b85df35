-- what:   papers whose clear ones still lie there, kept since this day or before
-- basis:  spec 9
-- grain:  one object
-- params: until
select object_id, name, origin, sha256, bytes, kept_from, case when key_gone_at is null then object_key end as object_key
from ledger.object
where class = 'B' and cleared_at is null and kept_from <= :until
order by object_id
