-- what:   新規: persons of the file who had no 宛名 row before it (their further rows are 更新)
-- basis:  spec 3
-- grain:  one number
-- params: file_id
select count(distinct a.atena_no) from pension.atena as a
where a.file_id = :file_id
    and not exists (select 1 from pension.atena as b where b.atena_no = a.atena_no and b.file_id < :file_id)
