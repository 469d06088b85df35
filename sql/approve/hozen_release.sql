-- what:   a hold ends
-- basis:  spec 9 (保全: releasing takes two)
-- grain:  one hold
-- params: hold_id, approval_id
update ledger.hold set released_at = now(), approval_id = :approval_id where hold_id = :hold_id and released_at is null
