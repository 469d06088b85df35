-- what:   年金基本 of a person who has none with this number; nothing where nobody knows a number
-- basis:  decisions, Registering a result (01, 07)
-- grain:  at most one person
-- params: approval_id, atena_no, kiso_nenkin_no, file_id, line
insert into pension.nenkin_kihon (atena_no, kiso_nenkin_no, row_key, file_id, line, approval_id)
select cast(:atena_no as text), cast(:kiso_nenkin_no as text), :atena_no || '-' || :kiso_nenkin_no, :file_id, :line, :approval_id
where cast(:kiso_nenkin_no as text) is not null and not exists (
    select 1 from pension.nenkin_kihon where row_key = :atena_no || '-' || :kiso_nenkin_no and superseded_at is null
)
