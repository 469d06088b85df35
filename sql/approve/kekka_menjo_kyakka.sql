-- what:   却下 written to the application as it stands
-- basis:  decisions, Registering a result (33, 34, 41, 42: 却下 is recorded and changes nothing else)
-- grain:  at most one 免除
-- params: approval_id, uketsuke_no, kekka_code, file_id, line
with old as (
    update pension.menjo set superseded_at = now() where superseded_at is null and not kettei_flag and uketsuke_no = :uketsuke_no
    returning *
)
insert into pension.menjo (kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, shoumetsu_on, soufu_on,
    gakko_name, row_key, file_id, line, approval_id, uketsuke_no)
select kiso_nenkin_no, menjo_code, from_month, to_month, :kekka_code, shoumetsu_on, soufu_on, gakko_name, row_key,
    :file_id, :line, :approval_id, uketsuke_no
from old
