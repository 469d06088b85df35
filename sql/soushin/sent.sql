-- what:   a file was sent, its .end too
-- basis:  F02, F26
-- grain:  one attempt
-- params: soushin_id, due_on
update ledger.soushin set sent_at = now(), due_on = :due_on where soushin_id = :soushin_id
