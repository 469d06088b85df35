-- what:   the staged rows that enter pension.atena
-- basis:  spec 2 (history is append-only)
-- grain:  one row of the file; returns its line, number and person
-- params: file_id, version
insert into pension.atena (ku_code, atena_no, rireki_no, kojin_id, setai_no, jumin_shubetsu_code, jumin_jotai_code, idou_jiyu_code, idou_on, todokede_on, shori_at, name, name_kana, tsusho, sex_code, birth_on, birth_fusho_flag, zokugara_code, setainushi_atena_no, setainushi_name, jumin_on, jumin_jiyu_code, jusho_on, postal_code, address, katagaki, prev_address, tennyu_moto_address, tenshutsu_saki_address, tenshutsu_saki_kbn, hittousha_name, shoujo_jiyu_code, shoujo_on, nationality_code, zairyu_shikaku_code, zairyu_manryo_on, shien_sochi_flag, shori_teishi_flag, sakujo_flag, row_hash, row_key, file_id, line, file_version)
select s.ku_code, s.atena_no, s.rireki_no, k.kojin_id, s.setai_no, s.jumin_shubetsu_code, s.jumin_jotai_code, s.idou_jiyu_code, s.idou_on, s.todokede_on, s.shori_at, s.name, s.name_kana, s.tsusho, s.sex_code, s.birth_on, s.birth_fusho_flag, s.zokugara_code, s.setainushi_atena_no, s.setainushi_name, s.jumin_on, s.jumin_jiyu_code, s.jusho_on, s.postal_code, s.address, s.katagaki, s.prev_address, s.tennyu_moto_address, s.tenshutsu_saki_address, s.tenshutsu_saki_kbn, s.hittousha_name, s.shoujo_jiyu_code, s.shoujo_on, s.nationality_code, s.zairyu_shikaku_code, s.zairyu_manryo_on, s.shien_sochi_flag, s.shori_teishi_flag, s.sakujo_flag, s.row_hash, s.row_key, :file_id, s.line, :version
from staging.juki_idou_rows as s
left join verdict as v using (line)
left join vault.kojin_no as k on k.atena_no = s.atena_no and k.hmac = s.kojin_hmac
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
