-- what:   where the partners' servers are, by what was agreed to last
-- basis:  P57, P86
-- grain:  one partner
-- params: none
select partner, host, port, login, host_key, folder, maker, checker, decided_at from ledger.aitesaki_ima order by partner
