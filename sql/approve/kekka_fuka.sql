-- what:   付加 that begins: decided, in place of its 受付
-- basis:  decisions, Registering a result (21)
-- grain:  at most one 付加
-- params: approval_id, kiso_nenkin_no, uketsuke_no, kanyu_on, file_id, line
with old as (
    update pension.fuka set superseded_at = now()
    where superseded_at is null and kiso_nenkin_no = :kiso_nenkin_no
        and (kanyu_on = :kanyu_on or (not kettei_flag and uketsuke_no = :uketsuke_no))
    returning *
)
insert into pension.fuka (kiso_nenkin_no, kanyu_on, dattai_on, row_key, file_id, line, approval_id, uketsuke_no)
select cast(:kiso_nenkin_no as text), cast(:kanyu_on as date), (select max(dattai_on) from old),
    :kiso_nenkin_no || '-' || cast(:kanyu_on as date), :file_id, :line, :approval_id, cast(:uketsuke_no as text)
where cast(:kiso_nenkin_no as text) is not null
