-- what:   results of days up to this one that no second person has decided yet, in the order of their lists
-- basis:  spec 7
-- grain:  one result
-- params: business_on
create temporary table result on commit drop as
select
    k.kikou_kekka_id, f.business_on, f.seq as baitai_no, k.line, k.todoke_code, k.kekka_code, k.kiso_nenkin_no,
    k.name_kana, k.birth_on, k.sex_code, k.gaitou_on, k.jiyu_code, k.shubetsu_code,
    nullif(k.menjo_code, '00') as menjo_code, k.from_month, k.to_month, k.nenkin_code, k.uketsuke_no, k.name,
    coalesce(k.shokken_flag, false) as shokken_flag, v.hmac
from pension.kikou_kekka as k
join ledger.file as f using (file_id)
left join vault.kojin_no as v using (kojin_id)
where k.superseded_at is null and f.business_on <= :business_on and not exists (
    select 1 from pension.kekka_touroku as t join ledger.approval as a using (approval_id)
    where t.kikou_kekka_id = k.kikou_kekka_id and t.action = 'register' and a.decision in ('approved', 'rejected')
)
