-- what:   what a recipient may have, as its view shows it to its own log-in
-- basis:  P57; P59; decisions, 移転1–3
-- grain:  one record, in the order of the file
-- params: none (names: view, columns, in_order)
select {columns}
from iten.{view}
order by {in_order}
