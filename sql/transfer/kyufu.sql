-- what:   of whom is a 被保険者 on a day: that they are one and whether they pay 付加, what 免除 was decided, and each 裁定請求
-- basis:  川崎市番号利用条例第3条第2項・第3項 別表第2の7の項・22の項・36の項; P37; P38; P41; decisions, 移転1–3
-- grain:  one fact (a person as 被保険者, a 免除, a 裁定請求), in the order of the file
-- params: day, known_at, shichoson_code
with hihokensha as (
    select distinct on (atena_no, kiso_nenkin_no) atena_no, kiso_nenkin_no, file_id, approval_id, recorded_at
    from pension.shikaku
    where recorded_at <= :known_at and (superseded_at is null or superseded_at > :known_at)
        and acquired_on <= :day and (lost_on is null or lost_on > :day)
    order by atena_no, kiso_nenkin_no, recorded_at desc
),
fuka as (
    select distinct on (kiso_nenkin_no) kiso_nenkin_no, file_id, approval_id, recorded_at,
        kanyu_on <= :day and (dattai_on is null or dattai_on > :day) as pays
    from pension.fuka
    where recorded_at <= :known_at and (superseded_at is null or superseded_at > :known_at) and kettei_flag
    order by kiso_nenkin_no, kanyu_on <= :day desc, kanyu_on desc
),
menjo as (
    select *, least(to_month, cast(date_trunc('month', shoumetsu_on) as date)) as last_month
    from pension.menjo
    where recorded_at <= :known_at and (superseded_at is null or superseded_at > :known_at) and kettei_flag
        and coalesce(saitei_kekka_code, '') not in ('04', '05', '06')
),
saitei as (
    select * from pension.saitei_uketsuke
    where recorded_at <= :known_at and (superseded_at is null or superseded_at > :known_at)
),
facts as (
    select
        h.atena_no, h.kiso_nenkin_no, cast(null as text) as menjo_code,
        cast(null as date) as from_month, cast(null as date) as to_month,
        coalesce(f.pays, false) as fuka_flag, cast(null as text) as nenkin_code, cast(null as date) as saitei_uketsuke_on,
        cast(null as text) as saitei_kekka_code,
        case when f.recorded_at > h.recorded_at then f.file_id else h.file_id end as file_id,
        case when f.recorded_at > h.recorded_at then f.approval_id else h.approval_id end as approval_id,
        greatest(h.recorded_at, f.recorded_at) as recorded_at
    from hihokensha as h left join fuka as f using (kiso_nenkin_no)
    union all
    select
        h.atena_no, h.kiso_nenkin_no, m.menjo_code, m.from_month, m.last_month, null, null, null, m.saitei_kekka_code, m.file_id,
        m.approval_id, m.recorded_at
    from hihokensha as h join menjo as m using (kiso_nenkin_no)
    where m.last_month is null or m.last_month >= m.from_month
    union all
    (
        select distinct on (h.atena_no, h.kiso_nenkin_no, s.nenkin_code, s.uketsuke_on)
            h.atena_no, h.kiso_nenkin_no, null, cast(null as date), cast(null as date), cast(null as boolean),
            s.nenkin_code, s.uketsuke_on,
            s.kekka_code, s.file_id, s.approval_id, s.recorded_at
        from hihokensha as h
        join saitei as s on s.atena_no = h.atena_no and coalesce(s.kiso_nenkin_no, h.kiso_nenkin_no) = h.kiso_nenkin_no
        order by h.atena_no, h.kiso_nenkin_no, s.nenkin_code, s.uketsuke_on, s.recorded_at desc, s.kekka_code
    )
)
select
    :shichoson_code as shichoson_code,
    f.atena_no, f.kiso_nenkin_no, f.menjo_code, f.from_month, f.to_month, f.fuka_flag, f.nenkin_code,
    f.saitei_uketsuke_on, f.saitei_kekka_code, coalesce(a.checker, r.user_name, 'kokunen') as operator_id,
    cast(f.recorded_at as date) as operated_on, to_char(f.recorded_at, 'HH24:MI:SS') as operated_time
from facts as f
left join ledger.approval as a using (approval_id)
left join ledger.file as i using (file_id)
left join ledger.run as r on r.run_id = i.run_id
order by
    f.atena_no, f.kiso_nenkin_no, f.menjo_code nulls first, f.from_month nulls first, f.nenkin_code nulls first,
    f.saitei_uketsuke_on nulls first
