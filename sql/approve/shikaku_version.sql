-- what:   a new version of a 資格: the old one is marked superseded, nothing is overwritten
-- basis:  spec 4; P92
-- grain:  one 資格
-- params: shikaku_id, approval_id, lost_on, soushitsu_jiyu_code
with old as (
    update pension.shikaku set superseded_at = now() where shikaku_id = :shikaku_id and superseded_at is null returning *
)
insert into pension.shikaku (atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on, lost_on,
    soushitsu_jiyu_code, soushitsu_riyu, row_key, file_id, line, file_version, approval_id)
select atena_no, kiso_nenkin_no, shubetsu_code, acquired_on, shutoku_jiyu_code, shubetsu_henkou_on, :lost_on,
    :soushitsu_jiyu_code, soushitsu_riyu, row_key, file_id, line, file_version, :approval_id
from old
