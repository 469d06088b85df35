-- what:   免除 as decided, in place of its 受付
-- basis:  decisions, Registering a result (31, 33, 34, 41, 42)
-- grain:  at most one 免除
-- params: approval_id, kiso_nenkin_no, uketsuke_no, menjo_code, from_month, to_month, kekka_code, file_id, line
with old as (
    update pension.menjo set superseded_at = now()
    where superseded_at is null and kiso_nenkin_no = :kiso_nenkin_no
        and ((menjo_code = :menjo_code and from_month = :from_month) or (not kettei_flag and uketsuke_no = :uketsuke_no))
    returning *
)
insert into pension.menjo (kiso_nenkin_no, menjo_code, from_month, to_month, saitei_kekka_code, shoumetsu_on, soufu_on,
    gakko_name, row_key, file_id, line, approval_id, uketsuke_no)
select cast(:kiso_nenkin_no as text), :menjo_code, cast(:from_month as date), cast(:to_month as date), :kekka_code,
    (select max(shoumetsu_on) from old), (select max(soufu_on) from old), (select max(gakko_name) from old),
    :kiso_nenkin_no || '-' || :menjo_code || '-' || cast(:from_month as date), :file_id, :line, :approval_id,
    cast(:uketsuke_no as text)
where cast(:kiso_nenkin_no as text) is not null
