-- what:   whether nobody is writing papers now; then nobody begins until the end of this transaction
-- basis:  decisions, Lists, reproductions, notices
-- grain:  one row
-- params: none
select pg_try_advisory_xact_lock(hashtextextended('papers', 7))
