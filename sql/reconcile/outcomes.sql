-- what:   results of the lists of one day by outcome and, without an intake, by cause; intakes without a result as of that day
-- basis:  spec 7
-- grain:  one outcome, of expected_without_intake one cause
-- params: business_on
select s.outcome, s.cause, count(*) as n
from pension.totsugo as s
join pension.kikou_kekka as k using (kikou_kekka_id)
join ledger.file as f using (file_id)
where s.superseded_at is null and f.business_on = :business_on
group by s.outcome, s.cause
union all
select o.outcome, null, count(*) from pension.uketsuke_outcome(:business_on) as o
where o.outcome in ('not_sent', 'waiting', 'overdue')
group by o.outcome
order by 1, 2
