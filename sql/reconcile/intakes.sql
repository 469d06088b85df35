-- what:   intakes that take part (newest revision, confirmed, not withdrawn) and may share a key of a pass with a result
-- basis:  spec 7; decisions, 突合 (not yet 進達済 ones do; カナ氏名 is compared by 25 bytes)
-- grain:  one 受付番号
-- params: none
create temporary table intake on commit drop as
select
    u.uketsuke_no, u.uketsuke_id, u.atena_no, u.todoke_code, u.kiso_nenkin_no, rtrim(left(u.name_kana, 25)) as name_kana,
    u.birth_on, u.sex_code, u.gaitou_on, u.jiyu_code, u.shubetsu_code, nullif(u.menjo_code, '00') as menjo_code,
    u.menjo_from_month as from_month, u.menjo_to_month as to_month, u.nenkin_code, v.hmac
from pension.uketsuke_ima as u
left join vault.kojin_no as v using (kojin_id)
where u.kakunin_flag and u.jotai_code <> '3' and (
    -- one look at all intakes, by hashes of the few results
    u.uketsuke_no in (select uketsuke_no from result)
    or (u.kiso_nenkin_no, u.todoke_code) in (select kiso_nenkin_no, todoke_code from result)
    or v.hmac in (select hmac from result)
    or (u.birth_on, rtrim(left(u.name_kana, 25))) in (select birth_on, name_kana from result)
)
