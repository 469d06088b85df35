-- what:   the approval of a corrected file (訂正): this number, this version, these bytes
-- basis:  interfaces, Arrival; F15
-- grain:  at most one approval
-- params: dataset, stream, business_on, seq, version, sha256
select a.approval_id, a.decision, a.expires_at < now() as expired
from ledger.teisei as t join ledger.approval as a using (approval_id)
where t.dataset = :dataset and t.stream = :stream and t.business_on = :business_on
    and coalesce(t.seq, 0) = coalesce(cast(:seq as integer), 0) and t.version = :version and t.sha256 = :sha256
order by a.approval_id desc limit 1
