-- what:   versions that were approved and then not sent, because the work stopped in between; not those that a later one overtook
-- basis:  P53; spec 5
-- grain:  one version
-- params: kind (all if empty)
select a.kind, a.run_id::text as run_id, o.name
from ledger.output as o join ledger.approval as a using (approval_id)
where a.decision = 'approved' and o.released_at is null and (cast(:kind as text) is null or a.kind = :kind)
    and not exists (
        select 1 from ledger.output as later
        where later.dataset = o.dataset and later.period = o.period and later.version > o.version
            and later.released_at is not null
    )
order by a.decided_at, o.output_id
