-- what:   which intake a result belongs to, by the first pass that finds exactly one; the last pass only names a candidate
-- basis:  spec 7 (passes 1-4); decisions, 突合 (more than one intake in a pass: no match in it)
-- grain:  one result that has an intake or a candidate
-- params: none
-- decides: which intake a result belongs to
create temporary table tie on commit drop as
with confirmed as (
    select t.kikou_kekka_id, t.candidate_no as uketsuke_no, a.decision
    from pension.kekka_touroku as t join ledger.approval as a using (approval_id)
    where t.action = 'confirm' and a.decision in ('approved', 'rejected')
),
by_number as (
    select r.kikou_kekka_id, i.uketsuke_no from result as r join intake as i using (uketsuke_no)
),
left_1 as (
    select r.* from result as r where not exists (select 1 from by_number as m where m.kikou_kekka_id = r.kikou_kekka_id)
),
by_kiso as (
    select r.kikou_kekka_id, min(i.uketsuke_no) as uketsuke_no from left_1 as r
    join intake as i using (kiso_nenkin_no, todoke_code, gaitou_on)
    group by r.kikou_kekka_id having count(*) = 1
),
left_2 as (
    select r.* from left_1 as r where not exists (select 1 from by_kiso as m where m.kikou_kekka_id = r.kikou_kekka_id)
),
by_kojin as (
    select r.kikou_kekka_id, min(i.uketsuke_no) as uketsuke_no from left_2 as r join intake as i using (hmac, todoke_code)
    group by r.kikou_kekka_id having count(*) = 1
),
left_3 as (
    select r.* from left_2 as r where not exists (select 1 from by_kojin as m where m.kikou_kekka_id = r.kikou_kekka_id)
),
alone as (
    select name_kana, birth_on, sex_code, todoke_code, min(kikou_kekka_id) as kikou_kekka_id from left_3
    group by name_kana, birth_on, sex_code, todoke_code having count(*) = 1
),
named as (
    select r.kikou_kekka_id, min(i.uketsuke_no) as uketsuke_no from alone as r
    join intake as i using (name_kana, birth_on, sex_code, todoke_code)
    group by r.kikou_kekka_id having count(*) = 1
),
by_name as (
    select n.kikou_kekka_id, n.uketsuke_no, coalesce(c.decision, 'pending') as decision
    from named as n
    left join confirmed as c on c.kikou_kekka_id = n.kikou_kekka_id and c.uketsuke_no = n.uketsuke_no
)
select kikou_kekka_id, cast(1 as smallint) as pass, uketsuke_no, cast(null as text) as candidate_no from by_number
union all
select kikou_kekka_id, 2, uketsuke_no, null from by_kiso
union all
select kikou_kekka_id, 3, uketsuke_no, null from by_kojin
union all
select kikou_kekka_id, 4, uketsuke_no, null from by_name where decision = 'approved'
union all
select kikou_kekka_id, 4, null, uketsuke_no from by_name where decision = 'pending'
