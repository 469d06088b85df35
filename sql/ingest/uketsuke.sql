-- what:   the staged rows that enter pension.uketsuke
-- basis:  評価書 I-2 機能4・5 (受付)
-- grain:  one row of the file; returns its line, number and person
-- params: file_id, version
insert into pension.uketsuke (uketsuke_no, todoke_code, juri_on, uketsuke_ku_code, atena_no, kojin_id, kiso_nenkin_no, name_kana, birth_on, sex_code, gaitou_on, jiyu_code, shubetsu_code, menjo_code, menjo_year, menjo_from_month, menjo_to_month, keizoku_flag, shitsugyo_flag, gakko_name, setainushi_atena_no, haiguusha_atena_no, nenkin_code, shousho_no, seikyusha_name, seikyusha_zokugara, shibou_on, shoshin_on, shindansho_flag, new_name, new_name_kana, honnin_kakunin_code, nyuryoku_user, kakunin_user, jotai_code, rev, row_key, file_id, line, file_version)
select s.uketsuke_no, s.todoke_code, s.juri_on, s.uketsuke_ku_code, s.atena_no, k.kojin_id, s.kiso_nenkin_no, s.name_kana, s.birth_on, s.sex_code, s.gaitou_on, s.jiyu_code, s.shubetsu_code, s.menjo_code, s.menjo_year, s.menjo_from_month, s.menjo_to_month, s.keizoku_flag, s.shitsugyo_flag, s.gakko_name, s.setainushi_atena_no, s.haiguusha_atena_no, s.nenkin_code, s.shousho_no, s.seikyusha_name, s.seikyusha_zokugara, s.shibou_on, s.shoshin_on, s.shindansho_flag, s.new_name, s.new_name_kana, s.honnin_kakunin_code, s.nyuryoku_user, s.kakunin_user, s.jotai_code, s.rev, s.row_key, :file_id, s.line, :version
from staging.uketsuke_rows as s
left join verdict as v using (line)
left join vault.kojin_no as k on k.atena_no = s.atena_no and k.hmac = s.kojin_hmac
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by s.line
