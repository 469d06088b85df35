-- what:   open entries of the 確認リスト by kind
-- basis:  spec 4
-- grain:  one kind
-- params: none
select kind, count(*) as n from pension.worklist where closed_at is null group by kind order by kind
