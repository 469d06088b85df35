-- what:   the moment whose state the file shows; taken under the lock, so nothing recorded before it can still be on its way
-- basis:  spec 5 (as_known_at)
-- grain:  one moment
-- params: none
select clock_timestamp()
