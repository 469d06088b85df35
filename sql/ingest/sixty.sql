-- what:   open 資格 of 種別 1 whose person is near 60 and has no proposal 53 yet (the day itself is decided in core)
-- basis:  国民年金法第9条第3号; spec 4
-- grain:  one 資格
-- params: business_on
with near as materialized (
    -- whoever was ever held with such a birth date: few of the insured, found in one pass; the newest row decides below
    select distinct atena_no from pension.atena
    where superseded_at is null and birth_on <= cast(:business_on as date) - interval '59 years 11 months'
)
select s.atena_no, s.row_key as key, s.acquired_on, a.birth_on
from pension.shikaku as s
join near using (atena_no)
join lateral (
    select birth_on, birth_fusho_flag from pension.atena
    where atena_no = s.atena_no and superseded_at is null and not sakujo_flag
    order by rireki_no desc limit 1
) as a on not a.birth_fusho_flag and a.birth_on <= cast(:business_on as date) - interval '59 years 11 months'
where s.superseded_at is null and s.lost_on is null and s.shubetsu_code = '1'
    and not exists (
        select 1 from pension.idou_proposal as p join ledger.approval as x using (approval_id)
        where p.shikaku_key = s.row_key and p.soushitsu_jiyu_code = '53' and p.action = 'loss'
            and (x.decision is null or x.decision = 'rejected')
    )
order by s.atena_no, s.row_key
