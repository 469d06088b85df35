-- what:   lines quarantined as 矛盾 (same key, other content)
-- basis:  spec 2
-- grain:  one line
-- params: none
select line from verdict where verdict = 'contradiction' order by line
