-- what:   the result on the 裁定受付 of the intake, or a row of its own where no intake brought one
-- basis:  decisions, Registering a result (51-58, 63)
-- grain:  one 裁定受付
-- params: approval_id, atena_no, kiso_nenkin_no, uketsuke_no, todoke_code, nenkin_code, kekka_code, shori_on, file_id, line
--         (names: group)
with old as (
    update pension.{group} set superseded_at = now()
    where superseded_at is null and atena_no = :atena_no and todoke_code = :todoke_code and uketsuke_no = :uketsuke_no
        and not kettei_flag
    returning *
)
insert into pension.{group} (atena_no, kiso_nenkin_no, shousho_no, todoke_code, nenkin_code, uketsuke_on, seikyusha_name,
    shibou_on, shindansho_flag, kekka_code, row_key, file_id, line, approval_id, uketsuke_no)
select atena_no, coalesce(kiso_nenkin_no, :kiso_nenkin_no), shousho_no, todoke_code, coalesce(nenkin_code, :nenkin_code),
    uketsuke_on, seikyusha_name, shibou_on, shindansho_flag, :kekka_code, row_key, cast(:file_id as bigint),
    cast(:line as integer), cast(:approval_id as bigint), uketsuke_no
from old
union all
select cast(:atena_no as text), :kiso_nenkin_no, null, :todoke_code, :nenkin_code, cast(:shori_on as date), null, null,
    null, :kekka_code, :atena_no || '-' || :todoke_code || '-' || cast(:shori_on as date) || '-',
    cast(:file_id as bigint), cast(:line as integer), cast(:approval_id as bigint), cast(:uketsuke_no as text)
where not exists (select 1 from old) and not exists (
    select 1 from pension.{group} where superseded_at is null
        and row_key = :atena_no || '-' || :todoke_code || '-' || cast(:shori_on as date) || '-'
)
