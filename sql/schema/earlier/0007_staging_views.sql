-- 受入中の行、型つき: the one place where staged text becomes a type. ``_rows`` gives each row its key and its content (what is
-- compared: everything but 最新フラグ); ``_held`` the same of the rows in force.

create view staging.juki_idou_rows as
select
    line,
    kouho = 't' as kouho,
    row_hash::bytea as row_hash,
    ku_code,
    atena_no,
    rireki_no::integer as rireki_no,
    kojin_hmac::bytea as kojin_hmac,
    kojin_cipher::bytea as kojin_cipher,
    setai_no,
    jumin_shubetsu_code,
    jumin_jotai_code,
    idou_jiyu_code,
    idou_on::date as idou_on,
    todokede_on::date as todokede_on,
    shori_at::timestamp as shori_at,
    name,
    name_kana,
    tsusho,
    sex_code,
    birth_on::date as birth_on,
    birth_fusho_flag::boolean as birth_fusho_flag,
    zokugara_code,
    setainushi_atena_no,
    setainushi_name,
    jumin_on::date as jumin_on,
    jumin_jiyu_code,
    jusho_on::date as jusho_on,
    postal_code,
    address,
    katagaki,
    prev_address,
    tennyu_moto_address,
    tenshutsu_saki_address,
    tenshutsu_saki_kbn,
    hittousha_name,
    shoujo_jiyu_code,
    shoujo_on::date as shoujo_on,
    nationality_code,
    zairyu_shikaku_code,
    zairyu_manryo_on::date as zairyu_manryo_on,
    shien_sochi_flag::boolean as shien_sochi_flag,
    shori_teishi_flag::boolean as shori_teishi_flag,
    sakujo_flag::boolean as sakujo_flag,
    atena_no || '-' || rireki_no::integer as row_key,
    jsonb_build_array(ku_code, atena_no, rireki_no::integer, kojin_hmac::bytea, setai_no, jumin_shubetsu_code, jumin_jotai_code, idou_jiyu_code, idou_on::date, todokede_on::date, shori_at::timestamp, name, name_kana, tsusho, sex_code, birth_on::date, birth_fusho_flag::boolean, zokugara_code, setainushi_atena_no, setainushi_name, jumin_on::date, jumin_jiyu_code, jusho_on::date, postal_code, address, katagaki, prev_address, tennyu_moto_address, tenshutsu_saki_address, tenshutsu_saki_kbn, hittousha_name, shoujo_jiyu_code, shoujo_on::date, nationality_code, zairyu_shikaku_code, zairyu_manryo_on::date, shien_sochi_flag::boolean, shori_teishi_flag::boolean, sakujo_flag::boolean)::text as content
from staging.juki_idou;

create view staging.juki_idou_held as
select t.row_key, t.atena_id as row_id, t.file_version, jsonb_build_array(t.ku_code, t.atena_no, t.rireki_no, v.hmac, t.setai_no, t.jumin_shubetsu_code, t.jumin_jotai_code, t.idou_jiyu_code, t.idou_on, t.todokede_on, t.shori_at, t.name, t.name_kana, t.tsusho, t.sex_code, t.birth_on, t.birth_fusho_flag, t.zokugara_code, t.setainushi_atena_no, t.setainushi_name, t.jumin_on, t.jumin_jiyu_code, t.jusho_on, t.postal_code, t.address, t.katagaki, t.prev_address, t.tennyu_moto_address, t.tenshutsu_saki_address, t.tenshutsu_saki_kbn, t.hittousha_name, t.shoujo_jiyu_code, t.shoujo_on, t.nationality_code, t.zairyu_shikaku_code, t.zairyu_manryo_on, t.shien_sochi_flag, t.shori_teishi_flag, t.sakujo_flag)::text as content
from pension.atena as t
left join vault.kojin_no as v on v.kojin_id = t.kojin_id
where t.superseded_at is null;

create view staging.uketsuke_rows as
select
    line,
    uketsuke_no,
    todoke_code,
    juri_on::date as juri_on,
    uketsuke_ku_code,
    atena_no,
    kojin_hmac::bytea as kojin_hmac,
    kojin_cipher::bytea as kojin_cipher,
    kiso_nenkin_no,
    name_kana,
    birth_on::date as birth_on,
    sex_code,
    gaitou_on::date as gaitou_on,
    jiyu_code,
    shubetsu_code,
    menjo_code,
    menjo_year::integer as menjo_year,
    menjo_from_month::date as menjo_from_month,
    menjo_to_month::date as menjo_to_month,
    keizoku_flag::boolean as keizoku_flag,
    shitsugyo_flag::boolean as shitsugyo_flag,
    gakko_name,
    setainushi_atena_no,
    haiguusha_atena_no,
    nenkin_code,
    shousho_no,
    seikyusha_name,
    seikyusha_zokugara,
    shibou_on::date as shibou_on,
    shoshin_on::date as shoshin_on,
    shindansho_flag::boolean as shindansho_flag,
    new_name,
    new_name_kana,
    honnin_kakunin_code,
    nyuryoku_user,
    kakunin_user,
    jotai_code,
    rev::integer as rev,
    uketsuke_no || '-' || rev::integer as row_key,
    jsonb_build_array(uketsuke_no, todoke_code, juri_on::date, uketsuke_ku_code, atena_no, kojin_hmac::bytea, kiso_nenkin_no, name_kana, birth_on::date, sex_code, gaitou_on::date, jiyu_code, shubetsu_code, menjo_code, menjo_year::integer, menjo_from_month::date, menjo_to_month::date, keizoku_flag::boolean, shitsugyo_flag::boolean, gakko_name, setainushi_atena_no, haiguusha_atena_no, nenkin_code, shousho_no, seikyusha_name, seikyusha_zokugara, shibou_on::date, shoshin_on::date, shindansho_flag::boolean, new_name, new_name_kana, honnin_kakunin_code, nyuryoku_user, kakunin_user, jotai_code, rev::integer)::text as content
from staging.uketsuke;

create view staging.uketsuke_held as
select t.row_key, t.uketsuke_id as row_id, t.file_version, jsonb_build_array(t.uketsuke_no, t.todoke_code, t.juri_on, t.uketsuke_ku_code, t.atena_no, v.hmac, t.kiso_nenkin_no, t.name_kana, t.birth_on, t.sex_code, t.gaitou_on, t.jiyu_code, t.shubetsu_code, t.menjo_code, t.menjo_year, t.menjo_from_month, t.menjo_to_month, t.keizoku_flag, t.shitsugyo_flag, t.gakko_name, t.setainushi_atena_no, t.haiguusha_atena_no, t.nenkin_code, t.shousho_no, t.seikyusha_name, t.seikyusha_zokugara, t.shibou_on, t.shoshin_on, t.shindansho_flag, t.new_name, t.new_name_kana, t.honnin_kakunin_code, t.nyuryoku_user, t.kakunin_user, t.jotai_code, t.rev)::text as content
from pension.uketsuke as t
left join vault.kojin_no as v on v.kojin_id = t.kojin_id
where t.superseded_at is null;

create view staging.ikou_nenkin_kihon_rows as
select
    line,
    atena_no,
    kiso_nenkin_no,
    tel_no,
    kyu_nenkin_no,
    atena_no || '-' || kiso_nenkin_no as row_key,
    jsonb_build_array(atena_no, kiso_nenkin_no, tel_no, kyu_nenkin_no)::text as content
from staging.ikou_nenkin_kihon;

create view staging.ikou_nenkin_kihon_held as
select t.row_key, t.nenkin_kihon_id as row_id, t.file_version, jsonb_build_array(t.atena_no, t.kiso_nenkin_no, t.tel_no, t.kyu_nenkin_no)::text as content
from pension.nenkin_kihon as t
where t.superseded_at is null;

create view staging.ikou_shikaku_rows as
select
    line,
    atena_no,
    kiso_nenkin_no,
    shubetsu_code,
    acquired_on::date as acquired_on,
    shutoku_jiyu_code,
    shubetsu_henkou_on::date as shubetsu_henkou_on,
    lost_on::date as lost_on,
    soushitsu_jiyu_code,
    soushitsu_riyu,
    atena_no || '-' || kiso_nenkin_no || '-' || acquired_on as row_key,
    jsonb_build_array(atena_no, kiso_nenkin_no, shubetsu_code, acquired_on::date, shutoku_jiyu_code, shubetsu_henkou_on::date, lost_on::date, soushitsu_jiyu_code, soushitsu_riyu)::text as content
from staging.ikou_shikaku;

create view staging.ikou_shikaku_held as
select t.row_key, t.shikaku_id as row_id, t.file_version, jsonb_build_array(t.atena_no, t.kiso_nenkin_no, t.shubetsu_code, t.acquired_on, t.shutoku_jiyu_code, t.shubetsu_henkou_on, t.lost_on, t.soushitsu_jiyu_code, t.soushitsu_riyu)::text as content
from pension.shikaku as t
where t.superseded_at is null;

create view staging.ikou_menjo_rows as
select
    line,
    kiso_nenkin_no,
    menjo_code,
    from_month::date as from_month,
    to_month::date as to_month,
    saitei_kekka_code,
    shoumetsu_on::date as shoumetsu_on,
    soufu_on::date as soufu_on,
    gakko_name,
    kiso_nenkin_no || '-' || menjo_code || '-' || from_month as row_key,
    jsonb_build_array(kiso_nenkin_no, menjo_code, from_month::date, to_month::date, saitei_kekka_code, shoumetsu_on::date, soufu_on::date, gakko_name)::text as content
from staging.ikou_menjo;

create view staging.ikou_menjo_held as
select t.row_key, t.menjo_id as row_id, t.file_version, jsonb_build_array(t.kiso_nenkin_no, t.menjo_code, t.from_month, t.to_month, t.saitei_kekka_code, t.shoumetsu_on, t.soufu_on, t.gakko_name)::text as content
from pension.menjo as t
where t.superseded_at is null;

create view staging.ikou_fuka_rows as
select
    line,
    kiso_nenkin_no,
    kanyu_on::date as kanyu_on,
    dattai_on::date as dattai_on,
    kiso_nenkin_no || '-' || kanyu_on as row_key,
    jsonb_build_array(kiso_nenkin_no, kanyu_on::date, dattai_on::date)::text as content
from staging.ikou_fuka;

create view staging.ikou_fuka_held as
select t.row_key, t.fuka_id as row_id, t.file_version, jsonb_build_array(t.kiso_nenkin_no, t.kanyu_on, t.dattai_on)::text as content
from pension.fuka as t
where t.superseded_at is null;

create view staging.ikou_saitei_rows as
select
    line,
    atena_no,
    kiso_nenkin_no,
    shousho_no,
    todoke_code,
    nenkin_code,
    uketsuke_on::date as uketsuke_on,
    seikyusha_name,
    shibou_on::date as shibou_on,
    shindansho_flag::boolean as shindansho_flag,
    kekka_code,
    atena_no || '-' || todoke_code || '-' || uketsuke_on || '-' || coalesce(shousho_no, '') as row_key,
    jsonb_build_array(atena_no, kiso_nenkin_no, shousho_no, todoke_code, nenkin_code, uketsuke_on::date, seikyusha_name, shibou_on::date, shindansho_flag::boolean, kekka_code)::text as content
from staging.ikou_saitei;

create view staging.ikou_saitei_held as
select t.row_key, t.saitei_rorei_id as row_id, t.file_version, jsonb_build_array(t.atena_no, t.kiso_nenkin_no, t.shousho_no, t.todoke_code, t.nenkin_code, t.uketsuke_on, t.seikyusha_name, t.shibou_on, t.shindansho_flag, t.kekka_code)::text as content
from pension.saitei_rorei as t
where t.superseded_at is null
union all
select t.row_key, t.saitei_shogai_id as row_id, t.file_version, jsonb_build_array(t.atena_no, t.kiso_nenkin_no, t.shousho_no, t.todoke_code, t.nenkin_code, t.uketsuke_on, t.seikyusha_name, t.shibou_on, t.shindansho_flag, t.kekka_code)::text as content
from pension.saitei_shogai as t
where t.superseded_at is null
union all
select t.row_key, t.saitei_izoku_id as row_id, t.file_version, jsonb_build_array(t.atena_no, t.kiso_nenkin_no, t.shousho_no, t.todoke_code, t.nenkin_code, t.uketsuke_on, t.seikyusha_name, t.shibou_on, t.shindansho_flag, t.kekka_code)::text as content
from pension.saitei_izoku as t
where t.superseded_at is null
union all
select t.row_key, t.saitei_rofuku_id as row_id, t.file_version, jsonb_build_array(t.atena_no, t.kiso_nenkin_no, t.shousho_no, t.todoke_code, t.nenkin_code, t.uketsuke_on, t.seikyusha_name, t.shibou_on, t.shindansho_flag, t.kekka_code)::text as content
from pension.saitei_rofuku as t
where t.superseded_at is null;
