-- what:   the end of the 法定免除 that goes on, as a new version
-- basis:  decisions, Registering a result (32)
-- grain:  at most one 免除
-- params: approval_id, kiso_nenkin_no, shoumetsu_on, file_id, line
with old as (
    update pension.menjo set superseded_at = now()
    where superseded_at is null and kiso_nenkin_no = :kiso_nenkin_no and menjo_code = '10' and kettei_flag
        and shoumetsu_on is null and from_month <= :shoumetsu_on
    returning *
)
insert into pension.menjo (kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, shoumetsu_on, soufu_on,
    gakko_name, row_key, file_id, line, approval_id, uketsuke_no)
select kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, :shoumetsu_on, soufu_on, gakko_name, row_key,
    :file_id, :line, :approval_id, uketsuke_no
from old
