-- what:   differences with 日本年金機構 by the day of its lists
-- basis:  P90
-- grain:  one day
-- params: first_on, last_on
select f.business_on, count(*) as results, count(*) filter (where s.outcome = 'matched') as matched,
    count(*) filter (where s.outcome = 'differs') as differs,
    count(*) filter (where s.outcome = 'expected_without_intake') as expected,
    count(*) filter (where s.outcome = 'unexplained') as unexplained,
    count(*) filter (where s.outcome = 'returned') as returned,
    count(*) filter (where s.outcome = 'duplicate') as duplicate,
    cast(round(100.0 * count(*) filter (where s.outcome in ('differs', 'unexplained')) / count(*), 1) as text) as percent,
    count(*) filter (where s.outcome <> 'duplicate' and not exists (
        select 1 from pension.kekka_touroku as t join ledger.approval as a using (approval_id)
        where t.kikou_kekka_id = s.kikou_kekka_id and t.action = 'register' and a.decision in ('approved', 'rejected')
    )) as undecided
from pension.totsugo as s
join pension.kikou_kekka as k using (kikou_kekka_id)
join ledger.file as f using (file_id)
where s.superseded_at is null and f.business_on between :first_on and :last_on
group by f.business_on
order by f.business_on
