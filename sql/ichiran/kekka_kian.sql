-- what:   results that wait for a second person: whose, what 日本年金機構 decided, and what the 突合 found
-- basis:  P53; decisions, Registering a result
-- grain:  one result
-- params: last_on
select a.approval_id, s.atena_no, n.name, n.ku_code,
    case t.action when 'register' then '登録' else '候補の確認' end as action_label, k.todoke_code, k.kekka_code,
    k.gaitou_on, k.from_month, k.to_month, coalesce(s.uketsuke_no, t.candidate_no) as uketsuke_no, s.outcome, s.items,
    f.name || ' 行' || k.line as place, a.maker, a.made_at, cast(a.expires_at as date) as expires_on, r.business_on
from pension.kekka_touroku as t
join ledger.approval as a using (approval_id)
join ledger.run as r using (run_id)
join pension.kikou_kekka as k using (kikou_kekka_id)
join ledger.file as f on f.file_id = k.file_id
left join pension.totsugo as s on s.kikou_kekka_id = k.kikou_kekka_id and s.superseded_at is null
left join pension.atena_ima as n on n.atena_no = s.atena_no
where a.decision is null and r.business_on <= :last_on
order by a.approval_id
