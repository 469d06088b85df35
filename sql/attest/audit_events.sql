-- what:   the records of a period, in the very text that was hashed (a JSON array; once fields joined by U+001F), both hashes
-- basis:  spec 10: a verifier of its own checks an exported period offline
-- grain:  one event of the chain
-- params: first_on, last_on (business time Asia/Tokyo, both days included)
select e.event_id, encode(e.prev_hash, 'hex') as prev_hash, encode(e.hash, 'hex') as hash, audit.canonical(e) as text
from audit.event as e
where (e.at at time zone 'Asia/Tokyo')::date between :first_on and :last_on
order by e.event_id
