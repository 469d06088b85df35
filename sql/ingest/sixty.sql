-- what:   open 資格 of 種別 1 whose person is near the age of 喪失 and has no proposal 53 yet (the day itself is decided in core)
-- basis:  国民年金法第9条第3号; spec 4
-- grain:  one 資格
-- params: business_on, age
with near as materialized (
    -- whoever was ever held with such a birth date: few of the insured, found in one pass; the newest row decides below
    select distinct atena_no from pension.atena
    where superseded_at is null and birth_on <= cast(:business_on as date) - make_interval(years => :age, months => -1)
)
select s.atena_no, s.row_key as key, s.acquired_on, a.birth_on
from pension.shikaku as s
join near using (atena_no)
join pension.atena_ima as a using (atena_no)
where not a.birth_fusho_flag and a.birth_on <= cast(:business_on as date) - make_interval(years => :age, months => -1)
    and s.superseded_at is null and s.lost_on is null and s.shubetsu_code = '1'
    and not exists (
        select 1 from pension.idou_proposal as p join ledger.approval as x using (approval_id)
        where p.shikaku_key = s.row_key and p.soushitsu_jiyu_code = '53' and p.action = 'loss'
            and (x.decision is null or x.decision = 'rejected')
    )
order by s.atena_no, s.row_key
