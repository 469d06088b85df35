-- what:   results that wait for a second person: what each says, whose it is, its intake, and what its approval stands for now
-- basis:  decisions, Registering a result
-- grain:  one result
-- params: approvals
select t.approval_id, t.action, t.candidate_no, k.kikou_kekka_id, k.file_id, k.line, f.business_on, f.seq,
    k.todoke_code, k.kekka_code, k.gaitou_on, k.jiyu_code, k.shubetsu_code, k.menjo_code, k.from_month, k.to_month,
    coalesce(k.shori_on, f.business_on) as shori_on,
    k.nenkin_code, s.atena_no, s.uketsuke_no, c.content_hash,
    coalesce(
        k.kiso_nenkin_no, u.kiso_nenkin_no,
        (select o.kiso_nenkin_no from pension.kiso_nenkin_no_only as o where o.atena_no = s.atena_no)
    ) as kiso_nenkin_no
from pension.kekka_touroku as t
join pension.kikou_kekka as k using (kikou_kekka_id)
join ledger.file as f using (file_id)
left join pension.totsugo as s on s.kikou_kekka_id = k.kikou_kekka_id and s.superseded_at is null
left join pension.kekka_content as c on c.kikou_kekka_id = k.kikou_kekka_id
left join pension.uketsuke as u on u.uketsuke_id = s.uketsuke_id
where t.approval_id = any(cast(:approvals as bigint[]))
