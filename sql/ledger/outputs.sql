-- what:   the versions of an outbound dataset for a period
-- basis:  spec 5
-- grain:  one version
-- params: dataset, period
select o.output_id, o.run_id::text as run_id, o.seq, o.version, o.name, o.rows, o.sha256, o.body_sha256, o.created_on,
    o.known_at, o.reason, o.approval_id, o.made_at, o.released_at, a.decision,
    coalesce(a.decision is null and a.expires_at < now(), false) as expired
from ledger.output as o left join ledger.approval as a using (approval_id)
where o.dataset = :dataset and o.period = :period
order by o.seq, o.version
