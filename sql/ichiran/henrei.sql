-- what:   what 日本年金機構 sent back, why, and whether it was handed in, or reported, again
-- basis:  spec 7 (returned)
-- grain:  one 返戻
-- params: business_on
select coalesce(u.uketsuke_no, k.uketsuke_no) as uketsuke_no, coalesce(u.todoke_code, k.todoke_code) as todoke_code,
    coalesce(k.shori_on, f.business_on) as shori_on, k.henrei_code, coalesce(u.uketsuke_ku_code, y.ku_code) as uketsuke_ku_code,
    s.atena_no, coalesce(u.name_kana, k.name_kana) as name_kana,
    case when a.decision = 'approved' then '登録済' else '未登録' end as touroku_label,
    case
        when z.handed_on > f.business_on then '再進達 ' || z.handed_on when n.rev > u.rev then '改訂 ' || n.rev else 'まだ'
    end as saiteishutsu_label
from pension.totsugo as s
join pension.kikou_kekka as k using (kikou_kekka_id)
join ledger.file as f using (file_id)
left join pension.uketsuke as u on u.uketsuke_id = s.uketsuke_id
left join pension.uketsuke_ima as n on n.uketsuke_no = u.uketsuke_no
left join pension.shintatsu_okuri as z on z.uketsuke_no = coalesce(u.uketsuke_no, k.uketsuke_no) and z.is_last
left join pension.shintatsu_kiroku as y on y.approval_id = z.approval_id and y.place = z.place
left join pension.kekka_touroku as t on t.kikou_kekka_id = k.kikou_kekka_id and t.action = 'register'
left join ledger.approval as a on a.approval_id = t.approval_id and a.decision = 'approved'
where s.superseded_at is null and s.outcome = 'returned' and f.business_on <= :business_on
    and (t.approval_id is null or t.approval_id = (
        select max(x.approval_id) from pension.kekka_touroku as x
        where x.kikou_kekka_id = k.kikou_kekka_id and x.action = 'register'
    ))
order by shori_on, uketsuke_no
