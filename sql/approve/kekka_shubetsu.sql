-- what:   another 種別 of the open 資格, as a new version
-- basis:  decisions, Registering a result (03)
-- grain:  at most one 資格
-- params: approval_id, atena_no, shubetsu_code, shubetsu_henkou_on, file_id, line
with old as (
    update pension.shikaku set superseded_at = now()
    where atena_no = :atena_no and superseded_at is null and lost_on is null and acquired_on <= :shubetsu_henkou_on
    returning *
)
insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on,
    lost_on, soushitsu_jiyu_code, soushitsu_riyu, row_key, file_id, line, approval_id)
select atena_no, kiso_nenkin_no, :shubetsu_code, acquired_on, shutoku_jiyu_code, :shubetsu_henkou_on, lost_on,
    soushitsu_jiyu_code, soushitsu_riyu, row_key, :file_id, :line, :approval_id
from old
