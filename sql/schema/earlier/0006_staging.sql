-- 受入中の行: unlogged and text-typed without constraints, so that PostgreSQL never has a value to print in an error.
-- 個人番号 is staged only as keyed HMAC and ciphertext (hex).

create unlogged table staging.juki_idou (
    line integer,
    row_hash text,
    shichoson_code text,
    ku_code text,
    atena_no text,
    rireki_no text,
    saishin_flag text,
    kojin_hmac text,
    kojin_cipher text,
    setai_no text,
    jumin_shubetsu_code text,
    jumin_jotai_code text,
    idou_jiyu_code text,
    idou_on text,
    todokede_on text,
    shori_at text,
    name text,
    name_kana text,
    tsusho text,
    sex_code text,
    birth_on text,
    birth_fusho_flag text,
    zokugara_code text,
    setainushi_atena_no text,
    setainushi_name text,
    jumin_on text,
    jumin_jiyu_code text,
    jusho_on text,
    postal_code text,
    address text,
    katagaki text,
    prev_address text,
    tennyu_moto_address text,
    tenshutsu_saki_address text,
    tenshutsu_saki_kbn text,
    hittousha_name text,
    shoujo_jiyu_code text,
    shoujo_on text,
    nationality_code text,
    zairyu_shikaku_code text,
    zairyu_manryo_on text,
    shien_sochi_flag text,
    shori_teishi_flag text,
    sakujo_flag text,
    kouho text
);

create unlogged table staging.uketsuke (
    line integer,
    uketsuke_no text,
    todoke_code text,
    juri_on text,
    uketsuke_ku_code text,
    atena_no text,
    kojin_hmac text,
    kojin_cipher text,
    kiso_nenkin_no text,
    name_kana text,
    birth_on text,
    sex_code text,
    gaitou_on text,
    jiyu_code text,
    shubetsu_code text,
    menjo_code text,
    menjo_year text,
    menjo_from_month text,
    menjo_to_month text,
    keizoku_flag text,
    shitsugyo_flag text,
    gakko_name text,
    setainushi_atena_no text,
    haiguusha_atena_no text,
    nenkin_code text,
    shousho_no text,
    seikyusha_name text,
    seikyusha_zokugara text,
    shibou_on text,
    shoshin_on text,
    shindansho_flag text,
    new_name text,
    new_name_kana text,
    honnin_kakunin_code text,
    nyuryoku_user text,
    kakunin_user text,
    jotai_code text,
    rev text
);

create unlogged table staging.ikou_nenkin_kihon (
    line integer,
    atena_no text,
    kiso_nenkin_no text,
    tel_no text,
    kyu_nenkin_no text
);

create unlogged table staging.ikou_shikaku (
    line integer,
    atena_no text,
    kiso_nenkin_no text,
    shubetsu_code text,
    acquired_on text,
    shutoku_jiyu_code text,
    shubetsu_henkou_on text,
    lost_on text,
    soushitsu_jiyu_code text,
    soushitsu_riyu text
);

create unlogged table staging.ikou_menjo (
    line integer,
    kiso_nenkin_no text,
    menjo_code text,
    from_month text,
    to_month text,
    saitei_kekka_code text,
    shoumetsu_on text,
    soufu_on text,
    gakko_name text
);

create unlogged table staging.ikou_fuka (
    line integer,
    kiso_nenkin_no text,
    kanyu_on text,
    dattai_on text
);

create unlogged table staging.ikou_saitei (
    line integer,
    atena_no text,
    kiso_nenkin_no text,
    shousho_no text,
    todoke_code text,
    nenkin_code text,
    uketsuke_on text,
    seikyusha_name text,
    shibou_on text,
    shindansho_flag text,
    kekka_code text
);
