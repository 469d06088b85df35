-- what:   whether a paper was recorded and not lost, by the name that it began with
-- basis:  decisions, Lists, reproductions, notices
-- grain:  one row
-- params: start
select exists (select 1 from ledger.paper where starts_with(path, :start) and lost_at is null)
