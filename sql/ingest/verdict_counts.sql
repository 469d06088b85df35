-- what:   how many suspects of each kind
-- basis:  spec 3
-- grain:  one verdict
-- params: none
select verdict, count(*) as n from verdict group by verdict
