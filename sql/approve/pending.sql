-- what:   what waits for a second person (all, or of one run)
-- basis:  P53
-- grain:  one approval; the subject of one that 業務日が離れた実行 has made says so
-- params: kind, run_id
select a.approval_id as id, a.kind,
    a.subject || case when r.apart then '　※業務日が離れた実行（' || r.period || '）' else '' end as subject, a.content_hash,
    a.maker, a.made_at, a.expires_at, a.run_id::text as run_id,
    a.expires_at < now() as expired, r.user_name as started_by
from ledger.approval as a join ledger.run as r using (run_id)
where a.decision is null and a.kind = :kind and (cast(:run_id as uuid) is null or a.run_id = cast(:run_id as uuid))
order by a.approval_id
