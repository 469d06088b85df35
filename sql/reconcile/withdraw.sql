-- what:   pending approvals of results whose 突合 is another one by now, or whose term ended
-- basis:  P53; decisions, 突合 (what a second person approves is what was found: content hash)
-- grain:  one approval
-- params: run_id, user_name, unit, terminal
select ledger.decide(
    a.approval_id, 'withdrawn', :user_name, '突合の変更又は期限切れ', cast(:run_id as uuid), :unit, :terminal
)
from pension.kekka_touroku as t
join ledger.approval as a using (approval_id)
where a.decision is null and a.kind = 'kikou_kekka' and (
    a.expires_at < now()
    or a.content_hash is distinct from (
        select c.content_hash from pension.kekka_content as c where c.kikou_kekka_id = t.kikou_kekka_id
    )
    or (t.action = 'confirm') <> exists (
        select 1 from pension.totsugo as s
        where s.kikou_kekka_id = t.kikou_kekka_id and s.superseded_at is null and s.candidate_no is not null
            and s.candidate_no = t.candidate_no
    )
)
