-- what:   how many records a recipient has, and what another person has said of a file that takes back many of them
-- basis:  P53; F30; decisions, 移転1–3 (歯止め)
-- grain:  one row
-- params: dataset, kind, content_hash
select
    (select count(*) from ledger.iten_jotai where dataset = :dataset and ended_by is null) as held,
    coalesce(bool_or(decision = 'approved'), false) as approved,
    coalesce(bool_or(decision is null and expires_at >= now()), false) as waits
from ledger.approval
where kind = :kind and content_hash = :content_hash
