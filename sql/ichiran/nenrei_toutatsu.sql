-- what:   persons held who live here and reach 20, 60 or 65 between two days (the day before the birthday; born on 29 February: 28 February)
-- basis:  年齢計算ニ関スル法律; 国民年金法第8条・第9条
-- grain:  one person and age
-- params: first_on, last_on
with person as (
    select distinct on (atena_no) atena_no, name, name_kana, birth_on, birth_fusho_flag, jumin_jotai_code, ku_code
    from pension.atena where superseded_at is null and not sakujo_flag
    order by atena_no, rireki_no desc
),
reached as (
    select p.*, g.age,
        case when to_char(p.birth_on, 'MMDD') = '0229' then make_date(extract(year from p.birth_on)::integer + g.age, 2, 28)
            else cast(p.birth_on + make_interval(years => g.age) as date) - 1 end as reached_on
    from person as p cross join (values (20), (60), (65)) as g (age)
    where not p.birth_fusho_flag and p.birth_on is not null and p.jumin_jotai_code = '1'
)
select r.age, r.reached_on, r.atena_no, r.name, r.name_kana, r.birth_on, r.ku_code, n.kiso_nenkin_no, s.shubetsu_code
from reached as r
left join lateral (
    select min(kiso_nenkin_no) as kiso_nenkin_no from pension.nenkin_kihon where atena_no = r.atena_no and superseded_at is null
) as n on true
left join lateral (
    select min(shubetsu_code) as shubetsu_code from pension.shikaku
    where atena_no = r.atena_no and superseded_at is null and (lost_on is null or lost_on >= r.reached_on)
) as s on true
where r.reached_on between :first_on and :last_on
order by r.age, r.reached_on, r.atena_no
