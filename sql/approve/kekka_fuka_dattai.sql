-- what:   the end of the 付加 that goes on, as a new version
-- basis:  decisions, Registering a result (22)
-- grain:  at most one 付加
-- params: approval_id, kiso_nenkin_no, dattai_on, file_id, line
with old as (
    update pension.fuka set superseded_at = now()
    where superseded_at is null and kiso_nenkin_no = :kiso_nenkin_no and kettei_flag and dattai_on is null
        and kanyu_on <= :dattai_on
    returning *
)
insert into pension.fuka (kiso_nenkin_no, kanyu_on, dattai_on, row_key, file_id, line, approval_id, uketsuke_no)
select kiso_nenkin_no, kanyu_on, :dattai_on, row_key, :file_id, :line, :approval_id, uketsuke_no from old
