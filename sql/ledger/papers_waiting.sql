-- what:   papers whose record is there and that are not known to lie in their place
-- basis:  decisions, Lists, reproductions, notices
-- grain:  one paper
-- params: none
select path, aside, sha256 from ledger.paper where placed_at is null and lost_at is null order by paper_id
