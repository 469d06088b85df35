-- what:   persons of whose 喪失 no row of a file will say something new (what there is to say is decided in core): dead or
--         gone when their 資格 was registered; by their birth date, of the age of 喪失 with an open 資格 of 種別 1; with a
--         pending proposal near it; with an approved loss, or a rejected 53, that their birth date contradicts
-- basis:  国民年金法第9条第3号; decisions, 喪失の重なり
-- grain:  one person
-- params: business_on, age
with near as materialized (
    -- whoever was ever held with such a birth date: few of the insured, found in one pass; the newest row decides below
    select distinct atena_no from pension.atena
    where superseded_at is null and birth_on <= cast(:business_on as date) + 1 - make_interval(years => :age)
),
open_at_age as (
    select s.atena_no
    from pension.shikaku as s
    join near using (atena_no)
    join pension.atena_ima as a using (atena_no)
    where not a.birth_fusho_flag and a.birth_on <= cast(:business_on as date) + 1 - make_interval(years => :age)
        and s.superseded_at is null and s.lost_on is null and s.shubetsu_code = '1'
),
gone as (
    select s.atena_no
    from pension.shikaku as s
    join pension.atena_ima as i using (atena_no)
    where s.superseded_at is null and s.lost_on is null and i.jumin_jotai_code <> '1'
        and exists (
            select 1 from pension.atena as a
            where a.atena_no = s.atena_no and a.superseded_at is null and not a.sakujo_flag
                and a.idou_jiyu_code in ('21', '22', '23') and a.idou_on >= s.acquired_on
        )
        and not exists (select 1 from pension.idou_proposal as p where p.shikaku_key = s.row_key)
),
filed as (
    -- every proposal that waits or by which a 資格 is closed, and a rejected 53 of an open one, with the 資格 as it is
    select p.atena_no, p.soushitsu_jiyu_code, p.lost_on, s.shubetsu_code, a.decision
    from pension.idou_proposal as p
    join ledger.approval as a using (approval_id)
    join pension.shikaku as s on s.row_key = p.shikaku_key and s.superseded_at is null
    where a.decision is null or (a.decision = 'approved' and s.approval_id = p.approval_id and s.lost_on is not null)
        or (a.decision = 'rejected' and p.soushitsu_jiyu_code = '53' and s.lost_on is null)
),
contradicted as (
    select f.atena_no
    from filed as f
    join pension.atena_ima as i using (atena_no)
    left join lateral (
        select cast(i.birth_on + make_interval(years => :age) as date) - 1 as reached_on where not i.birth_fusho_flag
    ) as b on true
    where case
        when f.decision is null then f.soushitsu_jiyu_code = '53' or f.shubetsu_code <> '1'
            or b.reached_on <= greatest(f.lost_on, cast(:business_on as date))
        when f.shubetsu_code <> '1' then false
        when f.decision = 'rejected' then f.lost_on is distinct from b.reached_on
        when f.soushitsu_jiyu_code = '53' then f.lost_on <> b.reached_on
        else f.lost_on >= b.reached_on
    end
)
select atena_no from open_at_age union select atena_no from contradicted union select atena_no from gone
order by atena_no
