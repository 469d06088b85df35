-- what:   reports that were handed to 日本年金機構 and for which no receipt came (未確認)
-- basis:  P77
-- grain:  one report, the oldest first
-- params: none
select name, jimusho_code, handed_on from ledger.shintatsu_ima where state = 'handed' order by handed_on, name
