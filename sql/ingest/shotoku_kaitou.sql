-- what:   the staged rows that enter pension.shotoku: asked for and open, nothing but the items of 別添2
-- basis:  評価書 別添2 (所得情報), Ⅲ-2 リスク1
-- grain:  one row of the file; returns its line, number and person
-- params: file_id, version
insert into pension.shotoku (shoukai_no, atena_no, soutou_year, fuka_year, rireki_no, kaitou_code, ippan_fuyo, rojin_fuyo, tokutei_fuyo, koujo_haiguu_flag, shogai_fuyo, tokubetsu_shogai_fuyo, nensho_fuyo, honnin_shogai_code, honnin_kafu_code, honnin_gakusei_flag, nenkin_shunyu_yen, nenkin_zatsu_yen, goukei_shotoku_yen, jun_sonshitsu_yen, zasson_koujo_yen, iryohi_koujo_yen, shakai_hoken_koujo_yen, haiguu_tokubetsu_koujo_yen, mishinkoku_flag, row_key, file_id, line, file_version)
select s.shoukai_no, s.atena_no, s.soutou_year, s.fuka_year, s.rireki_no, s.kaitou_code, s.ippan_fuyo, s.rojin_fuyo, s.tokutei_fuyo, s.koujo_haiguu_flag, s.shogai_fuyo, s.tokubetsu_shogai_fuyo, s.nensho_fuyo, s.honnin_shogai_code, s.honnin_kafu_code, s.honnin_gakusei_flag, s.nenkin_shunyu_yen, s.nenkin_zatsu_yen, s.goukei_shotoku_yen, s.jun_sonshitsu_yen, s.zasson_koujo_yen, s.iryohi_koujo_yen, s.shakai_hoken_koujo_yen, s.haiguu_tokubetsu_koujo_yen, s.mishinkoku_flag, s.row_key, :file_id, s.line, :version
from staging.shotoku_kaitou_rows as s
left join verdict as v using (line)
where (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by s.line
