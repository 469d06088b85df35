-- what:   rows of an 異動 file that may start an obligation: they bring their person in for a time
-- basis:  spec 1 (kouho); decisions, Finer still (6 months from the business day that brought the row)
-- grain:  one stored row of the file
-- params: file_id, business_on, months
insert into pension.kouho (atena_no, file_id, line, business_on, until_on)
select a.atena_no, a.file_id, a.line, :business_on, cast(:business_on as date) + make_interval(months => :months)
from pension.atena as a
join staging.juki_idou_rows as s on s.line = a.line and s.kouho
where a.file_id = :file_id
