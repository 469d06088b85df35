-- what:   staged lines that did not enter: held already, or 矛盾
-- basis:  decisions, Counts: 外字 are counted of stored rows
-- grain:  one line
-- params: none
select line from verdict where verdict in ('unchanged', 'contradiction') order by line
