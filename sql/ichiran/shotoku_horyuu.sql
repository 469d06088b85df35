-- what:   answers whose 4情報 differ from 宛名 and that wait for a second person: what was said (encrypted) and what 宛名 says
-- basis:  spec 6; 住民記録システム標準仕様書 3.4 (addresses of the household of a 支援措置対象者 stay hidden)
-- grain:  one held answer, of files of business days in the period
-- params: first_on, last_on
select o.approval_id, o.shoukai_no, o.uketsuke_no, u.uketsuke_ku_code, o.kankei_code, o.atena_no, o.soutou_year,
    o.business_on, o.file_name, o.line, o.fields, o.row_cipher, o.key_id, a.name, k.expires_at::date as expires_on,
    a.setai_no in (select p.setai_no from pension.setai_protected as p) as protected,
    jsonb_build_object('name_kana', a.name_kana, 'birth_on', a.birth_on, 'sex_code', a.sex_code, 'address', a.address) as known
from pension.shotoku_horyuu_open as o
join ledger.approval as k using (approval_id)
join pension.uketsuke_ima as u using (uketsuke_no)
left join pension.atena_ima as a on a.atena_no = o.atena_no
where k.decision is null and o.business_on between :first_on and :last_on
order by o.business_on, o.approval_id
