-- what:   a 資格 that begins, or a new version of the one that began on that day; nothing while another one is open
--         or nobody knows a 基礎年金番号
-- basis:  decisions, Registering a result (01, 07)
-- grain:  at most one 資格
-- params: approval_id, atena_no, kiso_nenkin_no, acquired_on, shubetsu_code, shutoku_jiyu_code, file_id, line
with old as (
    update pension.shikaku set superseded_at = now()
    where atena_no = :atena_no and kiso_nenkin_no = :kiso_nenkin_no and acquired_on = :acquired_on and superseded_at is null
    returning *
)
insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on,
    lost_on, soushitsu_jiyu_code, soushitsu_riyu, row_key, file_id, line, approval_id)
select atena_no, kiso_nenkin_no, :shubetsu_code, acquired_on, :shutoku_jiyu_code, shubetsu_henkou_on, lost_on,
    soushitsu_jiyu_code, soushitsu_riyu, row_key, cast(:file_id as bigint), cast(:line as integer),
    cast(:approval_id as bigint)
from old
union all
select cast(:atena_no as text), cast(:kiso_nenkin_no as text), :shubetsu_code, cast(:acquired_on as date),
    :shutoku_jiyu_code, null, null, null, null, :atena_no || '-' || :kiso_nenkin_no || '-' || cast(:acquired_on as date),
    cast(:file_id as bigint), cast(:line as integer), cast(:approval_id as bigint)
where cast(:kiso_nenkin_no as text) is not null and not exists (select 1 from old) and not exists (
    select 1 from pension.shikaku
    where atena_no = :atena_no and superseded_at is null and (lost_on is null or lost_on > cast(:acquired_on as date))
)
