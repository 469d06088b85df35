-- what:   a decision, once
-- basis:  P53
-- grain:  one approval
-- params: approval_id, decision, checker, reason
update ledger.approval set decision = :decision, checker = :checker, decided_at = now(), reason = :reason
where approval_id = :approval_id
