-- what:   the records of a report as they were fixed and approved
-- basis:  国民年金法第12条第4項; 国民年金法施行規則第9条; P7; P59
-- grain:  one record, in the order of the file
-- params: kakutei
select k.*
from pension.shintatsu_kiroku as k
join pension.shintatsu_taisho as t on t.approval_id = k.approval_id and t.uketsuke_no = k.uketsuke_no
where k.approval_id = :kakutei
order by k.place
