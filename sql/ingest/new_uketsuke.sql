-- what:   新規: 受付番号 of the file not held before it (their further revisions are 更新)
-- basis:  decisions, Counts
-- grain:  one number
-- params: file_id
select count(distinct u.uketsuke_no) from pension.uketsuke as u
where u.file_id = :file_id
    and not exists (select 1 from pension.uketsuke as b where b.uketsuke_no = u.uketsuke_no and b.file_id < :file_id)
