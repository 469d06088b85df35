-- what:   persons of 種別 1 who reached an age within some days of a 死亡 or 国外転出, with what was proposed for them
-- basis:  国民年金法第9条; spec 4
-- grain:  one 異動事由, order of the two days, and 喪失事由 proposed
-- params: age, within
with reached as (
    select atena_no,
        case when to_char(birth_on, 'MMDD') = '0229' then make_date(extract(year from birth_on)::integer + :age, 2, 28)
            else cast(birth_on + make_interval(years => :age) as date) - 1 end as reached_on
    from pension.atena_ima where birth_on is not null and not birth_fusho_flag
),
met as (
    select distinct a.atena_no, a.idou_jiyu_code, a.idou_on < r.reached_on as is_before
    from pension.atena as a join reached as r using (atena_no)
    where a.superseded_at is null and not a.sakujo_flag and a.idou_jiyu_code in ('22', '23')
        and a.idou_on between r.reached_on - cast(:within as integer) and r.reached_on + cast(:within as integer)
        and exists (
            select 1 from pension.shikaku as s
            where s.atena_no = a.atena_no and s.superseded_at is null and s.shubetsu_code = '1'
                and (s.lost_on is null or s.lost_on >= least(a.idou_on, r.reached_on))
        )
)
select
    m.idou_jiyu_code, m.is_before, p.soushitsu_jiyu_code, count(distinct m.atena_no) as persons,
    count(p.approval_id) as proposals
from met as m
left join (
    pension.idou_proposal as p
    join ledger.approval as a on a.approval_id = p.approval_id and a.decision is distinct from 'withdrawn'
) on p.atena_no = m.atena_no
group by m.idou_jiyu_code, m.is_before, p.soushitsu_jiyu_code
order by m.idou_jiyu_code, m.is_before, p.soushitsu_jiyu_code
