-- what:   which bytes were taken in under these names (a duplicate: those of the file that came first), and what the archive has
--         of them
-- basis:  spec 9; F14
-- grain:  name x bytes
-- params: dataset, listed, run_id
-- decides: which files of an inbox are in by the ledger, and so leave it for the archive
with came as (
    select distinct on (name, sha256) name, sha256, bytes, coalesce(first_file_id, file_id) as file_id
    from ledger.file
    where dataset = :dataset and name = any(cast(:listed as text[])) and outcome in ('accepted', 'duplicate')
    order by name, sha256, outcome = 'duplicate', file_id
)
select c.name, c.sha256, c.bytes, f.file_id, f.name as first_name, f.business_on, f.data_count, f.end_sha256, o.object_id,
    o.cleared_at, case when o.key_gone_at is null then o.object_key end as object_key,
    case when f.run_id = cast(:run_id as uuid) then null else cast(f.received_at as date) end as received_on
from came as c
join ledger.file as f on f.file_id = c.file_id
left join ledger.object as o on o.file_id = c.file_id
order by c.name, c.sha256
