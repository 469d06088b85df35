-- what:   the loss of the open 資格, as a new version; one that ended just so is left as it is and fits
-- basis:  decisions, Registering a result (02, 08, 06)
-- grain:  at most one 資格
-- params: approval_id, atena_no, lost_on, soushitsu_jiyu_code, file_id, line
with old as (
    update pension.shikaku set superseded_at = now()
    where atena_no = :atena_no and superseded_at is null and acquired_on <= :lost_on
        and (lost_on is null or (lost_on = :lost_on and soushitsu_jiyu_code = :soushitsu_jiyu_code))
    returning *
)
insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on,
    lost_on, soushitsu_jiyu_code, soushitsu_riyu, row_key, file_id, line, approval_id)
select atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on, :lost_on,
    :soushitsu_jiyu_code, soushitsu_riyu, row_key, :file_id, :line, :approval_id
from old
