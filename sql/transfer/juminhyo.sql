-- what:   資格 of whom is a 被保険者 on a day, and those that the recipient was told of and has not been told the end of
-- basis:  住民基本台帳法第7条第11号; P36; P41; decisions, 移転1–3
-- grain:  one 資格, in the order of the file
-- params: day, known_at, shichoson_code
with known as (
    select * from pension.shikaku
    where recorded_at <= :known_at and (superseded_at is null or superseded_at > :known_at) and acquired_on <= :day
)
select
    :shichoson_code as shichoson_code,
    s.atena_no, s.kiso_nenkin_no, s.shubetsu_code, s.acquired_on, s.lost_on, s.shubetsu_henkou_on,
    coalesce(a.checker, r.user_name, 'kokunen') as operator_id, cast(s.recorded_at as date) as operated_on,
    to_char(s.recorded_at, 'HH24:MI:SS') as operated_time
from known as s
left join ledger.approval as a using (approval_id)
left join ledger.file as f using (file_id)
left join ledger.run as r on r.run_id = f.run_id
where s.lost_on is null or s.lost_on > :day or exists (
    select 1 from ledger.iten_jotai as j
    where j.dataset = 'iten_juminhyo' and j.ended_by is null
        and j.key = concat_ws('|', s.atena_no, s.kiso_nenkin_no, s.acquired_on)
)
order by s.atena_no, s.kiso_nenkin_no, s.acquired_on
