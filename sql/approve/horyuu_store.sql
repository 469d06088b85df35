-- what:   an approved answer enters pension.shotoku, as it would have by itself had its 4情報 agreed
-- basis:  評価書 別添2 (所得情報), Ⅲ-2 リスク1
-- grain:  one answer
-- params: items, file_id, line, version, approval_id
insert into pension.shotoku (
    shoukai_no, atena_no, soutou_year, fuka_year, rireki_no, kaitou_code, ippan_fuyo, rojin_fuyo, tokutei_fuyo, koujo_haiguu_flag,
    shogai_fuyo, tokubetsu_shogai_fuyo, nensho_fuyo, honnin_shogai_code, honnin_kafu_code, honnin_gakusei_flag, nenkin_shunyu_yen,
    nenkin_zatsu_yen, goukei_shotoku_yen, jun_sonshitsu_yen, zasson_koujo_yen, iryohi_koujo_yen, shakai_hoken_koujo_yen,
    haiguu_tokubetsu_koujo_yen, mishinkoku_flag, row_key, file_id, line, file_version, approval_id
)
select
    shoukai_no, atena_no, soutou_year, fuka_year, rireki_no, kaitou_code, ippan_fuyo, rojin_fuyo, tokutei_fuyo, koujo_haiguu_flag,
    shogai_fuyo, tokubetsu_shogai_fuyo, nensho_fuyo, honnin_shogai_code, honnin_kafu_code, honnin_gakusei_flag, nenkin_shunyu_yen,
    nenkin_zatsu_yen, goukei_shotoku_yen, jun_sonshitsu_yen, zasson_koujo_yen, iryohi_koujo_yen, shakai_hoken_koujo_yen,
    haiguu_tokubetsu_koujo_yen, mishinkoku_flag, concat_ws('-', shoukai_no, atena_no, soutou_year), :file_id, :line, :version,
    :approval_id
from jsonb_populate_record(cast(null as pension.shotoku), cast(:items as jsonb))
