-- what:   the next 連番 of an outbound dataset
-- basis:  interfaces, Counters
-- grain:  one number
-- params: dataset
select coalesce(max(seq), 0) + 1 from ledger.output where dataset = :dataset
