-- what:   results of the lists of one day by outcome; intakes that wait on that day, within and beyond the days of 結果超過
-- basis:  spec 7
-- grain:  one outcome
-- params: business_on
select s.outcome, count(*) as n
from pension.totsugo as s
join pension.kikou_kekka as k using (kikou_kekka_id)
join ledger.file as f using (file_id)
where s.superseded_at is null and f.business_on = :business_on
group by s.outcome
union all
select o.outcome, count(*) from pension.uketsuke_outcome(:business_on) as o where o.outcome in ('waiting', 'overdue')
group by o.outcome
order by 1
