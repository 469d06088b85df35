-- what:   the day that told a recipient the last of a month: its last business day, or where that was overtaken the next one done
-- basis:  P37; P38; decisions, 移転1–3 (the whole of a month)
-- grain:  at most one day
-- params: dataset, last
select business_on, known_at
from ledger.iten_day
where dataset = :dataset and business_on >= :last and ended_at is not null
order by business_on
limit 1
