-- what:   intakes that 日本年金機構 sent back, why, and whether they were handed in again
-- basis:  spec 7 (returned)
-- grain:  one 返戻
-- params: business_on
select u.uketsuke_no, u.todoke_code, coalesce(k.shori_on, f.business_on) as shori_on, k.henrei_code, u.uketsuke_ku_code,
    u.atena_no, u.name_kana, case when a.decision = 'approved' then '登録済' else '未登録' end as touroku_label,
    case when n.rev > u.rev then '改訂 ' || n.rev else 'まだ' end as saiteishutsu_label
from pension.totsugo as s
join pension.kikou_kekka as k using (kikou_kekka_id)
join ledger.file as f using (file_id)
join pension.uketsuke as u on u.uketsuke_id = s.uketsuke_id
join pension.uketsuke_ima as n on n.uketsuke_no = u.uketsuke_no
left join pension.kekka_touroku as t on t.kikou_kekka_id = k.kikou_kekka_id and t.action = 'register'
left join ledger.approval as a on a.approval_id = t.approval_id and a.decision = 'approved'
where s.superseded_at is null and s.outcome = 'returned' and f.business_on <= :business_on
    and (t.approval_id is null or t.approval_id = (
        select max(x.approval_id) from pension.kekka_touroku as x
        where x.kikou_kekka_id = k.kikou_kekka_id and x.action = 'register'
    ))
order by shori_on, u.uketsuke_no
