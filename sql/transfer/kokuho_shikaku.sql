-- what:   資格 of the month for the 国保 sections, and the ones that cannot be written for want of a 宛名 row (held)
-- basis:  川崎市番号利用条例第3条第2項・第3項 別表第2の10の項; spec 5; decisions, Months
-- grain:  one 資格, in the order of the file
-- params: month_first, month_last, known_at
with shikaku as (
    select * from pension.shikaku
    where recorded_at <= :known_at and (superseded_at is null or superseded_at > :known_at)
        and acquired_on <= :month_last and (lost_on is null or lost_on >= :month_first)
),
history as (
    -- the row in force on a day: highest 履歴番号 with 異動年月日 <= that day; so a row ends where a higher one begins
    select a.atena_no, a.rireki_no, a.setai_no, a.ku_code, a.jumin_jotai_code, a.idou_on,
        min(a.idou_on) over (
            partition by a.atena_no order by a.rireki_no rows between 1 following and unbounded following
        ) as until_on
    from pension.atena as a
    where a.recorded_at <= :known_at and (a.superseded_at is null or a.superseded_at > :known_at) and not a.sakujo_flag
        and a.atena_no in (select atena_no from shikaku)
),
resident as (
    select distinct atena_no from history
    where jumin_jotai_code = '1' and idou_on <= :month_last
        and (until_on is null or until_on > greatest(idou_on, cast(:month_first as date)))
),
at_end as (
    select distinct on (atena_no) atena_no, setai_no, ku_code from history
    where idou_on <= :month_last order by atena_no, rireki_no desc
)
select
    s.atena_no, e.setai_no, e.ku_code, s.kiso_nenkin_no, s.shubetsu_code, s.acquired_on, s.shutoku_jiyu_code,
    s.lost_on, s.soushitsu_jiyu_code, s.shubetsu_henkou_on,
    case
        when s.lost_on between :month_first and :month_last then '4'
        when s.acquired_on between :month_first and :month_last then '1'
        when s.shubetsu_henkou_on between :month_first and :month_last then '2'
        else '3'
    end as henkou_kbn
from shikaku as s
left join at_end as e using (atena_no)
where s.lost_on between :month_first and :month_last
    or exists (select 1 from resident as r where r.atena_no = s.atena_no)
    or not exists (select 1 from history as h where h.atena_no = s.atena_no)
order by s.atena_no, s.acquired_on, s.kiso_nenkin_no
