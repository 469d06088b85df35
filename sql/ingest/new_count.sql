-- what:   新規: values of the counted item in this file that no earlier file brought (their further rows are 更新)
-- basis:  spec 3; decisions, Counts
-- grain:  one number
-- params: file_id (names: table, column)
select count(distinct a.{column}) from pension.{table} as a
where a.file_id = :file_id
    and not exists (select 1 from pension.{table} as b where b.{column} = a.{column} and b.file_id < :file_id)
