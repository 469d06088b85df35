-- what:   what was fixed, and whom it is about
-- basis:  P7
-- grain:  one record, in the order of the file
-- params: approval_id
select uketsuke_no, atena_no from pension.shintatsu_kiroku where approval_id = :approval_id order by place
