-- what:   how many intakes of each 届書 about 免除 there are, how many results about them, and what these entered into 免除
-- basis:  国民年金法第88条の2–第90条の3; P50, P53
-- grain:  one 届書
-- params: todoke (codes)
with result as (
    select k.todoke_code, s.outcome, k.kikou_kekka_id
    from pension.kikou_kekka as k join pension.totsugo as s using (kikou_kekka_id)
    where k.superseded_at is null and s.superseded_at is null
)
select
    t.todoke_code,
    (select count(*) from pension.uketsuke_standing as u where u.todoke_code = t.todoke_code) as intakes,
    (select count(*) from result as r where r.todoke_code = t.todoke_code) as results,
    (
        select count(*) from result as r where r.todoke_code = t.todoke_code and r.outcome = 'expected_without_intake'
    ) as without_intake,
    (
        select count(*)
        from pension.menjo as m
        join pension.kekka_touroku as d using (approval_id)
        join result as r using (kikou_kekka_id)
        where m.superseded_at is null and r.todoke_code = t.todoke_code
    ) as registered
from unnest(cast(:todoke as text [])) as t (todoke_code)
order by t.todoke_code
