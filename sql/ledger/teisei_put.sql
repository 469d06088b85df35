-- what:   what the approval of a corrected file is about
-- basis:  F15
-- grain:  one approval
-- params: approval_id, dataset, stream, business_on, seq, version, sha256
insert into ledger.teisei (approval_id, dataset, stream, business_on, seq, version, sha256)
values (:approval_id, :dataset, :stream, :business_on, :seq, :version, :sha256)
