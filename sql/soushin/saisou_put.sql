-- what:   the file of a re-send that waits for a second person
-- basis:  F27
-- grain:  one approval
-- params: approval_id, output_id
insert into ledger.saisou (approval_id, output_id) values (:approval_id, :output_id)
