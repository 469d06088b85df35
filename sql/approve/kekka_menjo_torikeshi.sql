-- what:   the end of the 申請免除 and 納付猶予 that their holder gave up, as new versions; of one that begins later no month is left
-- basis:  decisions, Registering a result (35); 国民年金法第90条第3項; 国民年金法施行規則第77条の8
-- grain:  one 免除 (全額, 一部, 納付猶予; not 法定免除, 学生納付特例, 産前産後, 育児)
-- params: approval_id, kiso_nenkin_no, last_month, file_id, line
with old as (
    update pension.menjo set superseded_at = now()
    where superseded_at is null and kiso_nenkin_no = :kiso_nenkin_no and menjo_code in ('20', '21', '22', '23', '30')
        and kettei_flag and coalesce(saitei_kekka_code, '') not in ('04', '05', '06')
        and (to_month is null or to_month > greatest(:last_month, (from_month - interval '1 month')::date))
    returning *
)
insert into pension.menjo (kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, shoumetsu_on, soufu_on,
    gakko_name, row_key, file_id, line, approval_id, uketsuke_no)
select kiso_nenkin_no, menjo_code, from_month, greatest(:last_month, (from_month - interval '1 month')::date), saitei_kekka_code,
    shoumetsu_on, soufu_on, gakko_name, row_key, :file_id, :line, :approval_id, uketsuke_no
from old
