-- what:   all that a recipient may have on a day
-- basis:  P37; P38; decisions, 移転1–3
-- grain:  one record, in the order of the file
-- params: koshin_kbn (names: view, columns)
select {columns}, cast(:koshin_kbn as text) as koshin_kbn
from iten.{view}
order by atena_no, iten_key
