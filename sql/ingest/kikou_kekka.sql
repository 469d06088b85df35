-- what:   the staged rows that enter pension.kikou_kekka
-- basis:  評価書 I-2 機能7 (処理結果)
-- grain:  one row of the file
-- params: file_id, version
insert into pension.kikou_kekka (shichoson_code5, tsuchi_code, created_on, kiso_nenkin_no, nenkin_code, birth_on, sex_code, name_kana, name, postal_code, address_kana, address, todoke_code, kekka_code, henrei_code, shori_on, gaitou_on, jiyu_code, shubetsu_code, menjo_code, from_month, to_month, uketsuke_no, kojin_id, shokken_flag, row_key, file_id, line, file_version)
select s.shichoson_code5, s.tsuchi_code, s.created_on, s.kiso_nenkin_no, s.nenkin_code, s.birth_on, s.sex_code, s.name_kana, s.name, s.postal_code, s.address_kana, s.address, s.todoke_code, s.kekka_code, s.henrei_code, s.shori_on, s.gaitou_on, s.jiyu_code, s.shubetsu_code, s.menjo_code, s.from_month, s.to_month, s.uketsuke_no, k.kojin_id, s.shokken_flag, cast(:file_id as bigint) || '-' || s.line, :file_id, s.line, :version
from staging.kikou_kekka_rows as s
left join verdict as v using (line)
left join lateral (
    select kojin_id from vault.kojin_no where hmac = s.kojin_hmac order by atena_no nulls last, kojin_id limit 1
) as k on s.kojin_hmac is not null
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by s.line
