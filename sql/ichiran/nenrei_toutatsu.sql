-- what:   persons held who live here and reach one of these ages between two days (born on 29 February: on the 28th), and
--         任意加入, wherever they live, at the age at which it ends; remark: that of the open entry of the 確認リスト
-- basis:  年齢計算ニ関スル法律 (the day before the birthday); 国民年金法第8条・第9条・附則第5条
-- grain:  one person and age
-- params: first_on, last_on, ages
with reached as (
    select p.atena_no, g.age,
        case when to_char(p.birth_on, 'MMDD') = '0229' then make_date(extract(year from p.birth_on)::integer + g.age, 2, 28)
            else cast(p.birth_on + make_interval(years => g.age) as date) - 1 end as reached_on
    from pension.atena_ima as p cross join unnest(cast(:ages as integer[])) as g (age)
    where not p.birth_fusho_flag and p.birth_on is not null and p.jumin_jotai_code = '1'
    union
    select atena_no, age, reached_on from pension.nini_toutatsu(:last_on)
)
select r.age, r.reached_on, r.atena_no, a.name, a.name_kana, a.birth_on, a.ku_code, n.kiso_nenkin_no, s.shubetsu_code, w.remark
from reached as r
join pension.atena_ima as a using (atena_no)
left join lateral (
    select min(kiso_nenkin_no) as kiso_nenkin_no from pension.nenkin_kihon where atena_no = r.atena_no and superseded_at is null
) as n on true
left join lateral (
    select min(shubetsu_code) as shubetsu_code from pension.shikaku
    where atena_no = r.atena_no and superseded_at is null and (lost_on is null or lost_on >= r.reached_on)
) as s on true
left join lateral (
    select min(remark) as remark from pension.worklist
    where atena_no = r.atena_no and kind = '要確認' and closed_at is null
        and starts_with(row_key, '年齢到達-' || r.reached_on || '-')
) as w on true
where r.reached_on between :first_on and :last_on
order by r.age, r.reached_on, r.atena_no
