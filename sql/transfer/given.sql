-- what:   records as a recipient got them: at the moment of the file that brought them
-- basis:  decisions, 移転1–3 (a deletion says what it takes back)
-- grain:  one record
-- params: atena_nos, keys (names: view, columns)
select {columns}, iten_key, encode(iten_hash, 'hex') as iten_hash
from iten.{view}
where atena_no = any(:atena_nos) and iten_key = any(:keys)
order by iten_key
