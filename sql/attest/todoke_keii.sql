-- what:   how many intakes of each 届書 there are, how many were reported (again: after a 返戻), how many results came, how many of
--         these were entered
-- basis:  国民年金法第12条第4項・第105条; P50; P53
-- grain:  one 届書
-- params: none
with reported as (
    select o.todoke_code, count(distinct o.uketsuke_no) as reported, count(*) - count(distinct o.uketsuke_no) as again
    from pension.shintatsu_okutta as o
    where o.handed_on is not null
    group by o.todoke_code
),
intake as (
    select u.todoke_code, count(*) as intakes from pension.uketsuke_ima as u group by u.todoke_code
),
result as (
    select
        k.todoke_code, count(*) as results, count(*) filter (where s.outcome = 'returned') as returned,
        count(*) filter (where s.outcome = 'expected_without_intake') as without_intake, count(*) filter (where exists (
            select from pension.kekka_touroku as e join ledger.approval as a using (approval_id)
            where e.kikou_kekka_id = k.kikou_kekka_id and e.action = 'register' and a.decision = 'approved'
        )) as registered
    from pension.kikou_kekka as k join pension.totsugo as s using (kikou_kekka_id)
    where k.superseded_at is null and s.superseded_at is null
    group by k.todoke_code
)
select
    todoke_code, coalesce(i.intakes, 0) as intakes, coalesce(p.reported, 0) as reported, coalesce(p.again, 0) as again,
    coalesce(r.results, 0) as results, coalesce(r.returned, 0) as returned, coalesce(r.without_intake, 0) as without_intake,
    coalesce(r.registered, 0) as registered
from intake as i
full join reported as p using (todoke_code)
full join result as r using (todoke_code)
order by todoke_code
