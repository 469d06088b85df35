-- what:   results of one day's lists with what the city and what 日本年金機構 holds, side by side; of a later one, what the first said
-- basis:  spec 7; decisions, 突合 (the lists follow the outcomes)
-- grain:  one result
-- params: business_on
select
    f.seq || '-' || k.line as place,
    (
        select max(t.approval_id) from pension.kekka_touroku as t join ledger.approval as a using (approval_id)
        where t.kikou_kekka_id = k.kikou_kekka_id and a.decision is distinct from 'withdrawn'
    ) as approval_id,
    s.outcome, s.cause, s.pass, s.items, s.candidate_no, s.hold_reason, s.name_relation, k.todoke_code, k.kekka_code,
    s.uketsuke_no, s.atena_no,
    jsonb_build_object(
        'name', a.name, 'name_kana', coalesce(u.name_kana, a.name_kana), 'birth_on', coalesce(u.birth_on, a.birth_on),
        'sex_code', coalesce(u.sex_code, a.sex_code), 'kiso_nenkin_no', u.kiso_nenkin_no, 'todoke_code', u.todoke_code,
        'gaitou_on', u.gaitou_on, 'jiyu_code', u.jiyu_code, 'shubetsu_code', u.shubetsu_code, 'menjo_code', u.menjo_code,
        'from_month', u.menjo_from_month, 'to_month', u.menjo_to_month, 'nenkin_code', u.nenkin_code
    ) as city,
    to_jsonb(k) as kikou, first.place as first_place, first.cells as first
from pension.totsugo as s
join pension.kikou_kekka as k using (kikou_kekka_id)
join ledger.file as f using (file_id)
left join pension.uketsuke as u on u.uketsuke_id = s.uketsuke_id
left join pension.atena_ima as a on a.atena_no = s.atena_no
left join lateral (
    select g.seq || '-' || b.line as place, to_jsonb(b) as cells
    from pension.totsugo as t
    join pension.kikou_kekka as b using (kikou_kekka_id)
    join ledger.file as g on g.file_id = b.file_id
    where t.uketsuke_no = s.uketsuke_no and t.superseded_at is null and t.is_first and not s.is_first
        and coalesce(b.kekka_code, '') not in ('05', '06') and (g.business_on, g.seq, b.line) < (f.business_on, f.seq, k.line)
    order by g.business_on desc, g.seq desc, b.line desc limit 1
) as first on true
where s.superseded_at is null and f.business_on = :business_on
order by f.seq, k.line
