-- what:   until the end of this transaction nobody tidies up what lies aside
-- basis:  decisions, Lists, reproductions, notices
-- grain:  one row
-- params: none
select pg_advisory_xact_lock_shared(hashtextextended('papers', 7))
