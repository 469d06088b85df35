-- what:   the approved registration that a 取消 takes back: of the same intake, else of the same person, 届書 and day
-- basis:  decisions, Registering a result (06)
-- grain:  at most one approval
-- params: kikou_kekka_id, uketsuke_no, atena_no, todoke_code, gaitou_on
select a.approval_id
from pension.kekka_touroku as t
join ledger.approval as a using (approval_id)
join pension.totsugo as s on s.kikou_kekka_id = t.kikou_kekka_id and s.superseded_at is null
join pension.kikou_kekka as k on k.kikou_kekka_id = t.kikou_kekka_id
where t.action = 'register' and a.decision = 'approved' and t.kikou_kekka_id <> :kikou_kekka_id
    and coalesce(k.kekka_code, '') not in ('05', '06')
    and case
        when cast(:uketsuke_no as text) is not null then s.uketsuke_no = :uketsuke_no
        else s.atena_no = :atena_no and k.todoke_code = :todoke_code
            and k.gaitou_on is not distinct from cast(:gaitou_on as date)
    end
order by a.decided_at desc, a.approval_id desc
limit 1
