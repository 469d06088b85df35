-- what:   the hash of the list of a unit that is looked through every year
-- basis:  P65
-- grain:  one hash; nothing for a unit that has nobody
-- params: listed
select shokuin.tenken_hash(:listed)
