-- 国民年金情報ファイル: the ten groups of 評価書 別添2 and the intakes (受付).
-- Every row says which file and line (or which approval) brought it and when it was known: recorded_at <= t < superseded_at
-- is the state as known at t. Nothing here is ever deleted (P43, P92); the only UPDATE is the end of a row's validity.
-- file_id has no foreign key: one trigger per row would cost more than the load itself; the load statement joins instead.

create table pension.atena (
    atena_id bigint generated always as identity primary key,
    ku_code text not null,
    atena_no text not null,
    rireki_no integer not null,
    kojin_id bigint,
    setai_no text not null,
    jumin_shubetsu_code text not null,
    jumin_jotai_code text not null,
    idou_jiyu_code text not null,
    idou_on date not null,
    todokede_on date,
    shori_at timestamp not null,
    name text not null,
    name_kana text not null,
    tsusho text,
    sex_code text not null,
    birth_on date,
    birth_fusho_flag boolean not null,
    zokugara_code text not null,
    setainushi_atena_no text not null,
    setainushi_name text,
    jumin_on date,
    jumin_jiyu_code text,
    jusho_on date,
    postal_code text,
    address text not null,
    katagaki text,
    prev_address text,
    tennyu_moto_address text,
    tenshutsu_saki_address text,
    tenshutsu_saki_kbn text,
    hittousha_name text,
    shoujo_jiyu_code text,
    shoujo_on date,
    nationality_code text,
    zairyu_shikaku_code text,
    zairyu_manryo_on date,
    shien_sochi_flag boolean not null,
    shori_teishi_flag boolean not null,
    sakujo_flag boolean not null,
    row_hash bytea not null,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index atena_in_force on pension.atena (row_key) where superseded_at is null;

create table pension.uketsuke (
    uketsuke_id bigint generated always as identity primary key,
    uketsuke_no text not null,
    todoke_code text not null,
    juri_on date not null,
    uketsuke_ku_code text not null,
    atena_no text not null,
    kojin_id bigint,
    kiso_nenkin_no text,
    name_kana text not null,
    birth_on date not null,
    sex_code text not null,
    gaitou_on date,
    jiyu_code text,
    shubetsu_code text,
    menjo_code text,
    menjo_year integer,
    menjo_from_month date,
    menjo_to_month date,
    keizoku_flag boolean,
    shitsugyo_flag boolean,
    gakko_name text,
    setainushi_atena_no text,
    haiguusha_atena_no text,
    nenkin_code text,
    shousho_no text,
    seikyusha_name text,
    seikyusha_zokugara text,
    shibou_on date,
    shoshin_on date,
    shindansho_flag boolean,
    new_name text,
    new_name_kana text,
    honnin_kakunin_code text not null,
    nyuryoku_user text not null,
    kakunin_user text,
    jotai_code text not null,
    rev integer not null,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index uketsuke_in_force on pension.uketsuke (row_key) where superseded_at is null;

create table pension.nenkin_kihon (
    nenkin_kihon_id bigint generated always as identity primary key,
    atena_no text not null,
    kiso_nenkin_no text not null,
    tel_no text,
    kyu_nenkin_no text,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index nenkin_kihon_in_force on pension.nenkin_kihon (row_key) where superseded_at is null;

create table pension.shikaku (
    shikaku_id bigint generated always as identity primary key,
    atena_no text not null,
    kiso_nenkin_no text not null,
    shubetsu_code text not null,
    acquired_on date not null,
    shutoku_jiyu_code text not null,
    shubetsu_henkou_on date,
    lost_on date,
    soushitsu_jiyu_code text,
    soushitsu_riyu text,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index shikaku_in_force on pension.shikaku (row_key) where superseded_at is null;

create table pension.menjo (
    menjo_id bigint generated always as identity primary key,
    kiso_nenkin_no text not null,
    menjo_code text not null,
    from_month date not null,
    to_month date,
    saitei_kekka_code text,
    shoumetsu_on date,
    soufu_on date,
    gakko_name text,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index menjo_in_force on pension.menjo (row_key) where superseded_at is null;

create table pension.fuka (
    fuka_id bigint generated always as identity primary key,
    kiso_nenkin_no text not null,
    kanyu_on date not null,
    dattai_on date,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index fuka_in_force on pension.fuka (row_key) where superseded_at is null;

create table pension.saitei_rorei (
    saitei_rorei_id bigint generated always as identity primary key,
    atena_no text not null,
    kiso_nenkin_no text,
    shousho_no text,
    todoke_code text not null,
    nenkin_code text,
    uketsuke_on date not null,
    seikyusha_name text,
    shibou_on date,
    shindansho_flag boolean,
    kekka_code text,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index saitei_rorei_in_force on pension.saitei_rorei (row_key) where superseded_at is null;

create table pension.saitei_shogai (
    saitei_shogai_id bigint generated always as identity primary key,
    atena_no text not null,
    kiso_nenkin_no text,
    shousho_no text,
    todoke_code text not null,
    nenkin_code text,
    uketsuke_on date not null,
    seikyusha_name text,
    shibou_on date,
    shindansho_flag boolean,
    kekka_code text,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index saitei_shogai_in_force on pension.saitei_shogai (row_key) where superseded_at is null;

create table pension.saitei_izoku (
    saitei_izoku_id bigint generated always as identity primary key,
    atena_no text not null,
    kiso_nenkin_no text,
    shousho_no text,
    todoke_code text not null,
    nenkin_code text,
    uketsuke_on date not null,
    seikyusha_name text,
    shibou_on date,
    shindansho_flag boolean,
    kekka_code text,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index saitei_izoku_in_force on pension.saitei_izoku (row_key) where superseded_at is null;

create table pension.saitei_rofuku (
    saitei_rofuku_id bigint generated always as identity primary key,
    atena_no text not null,
    kiso_nenkin_no text,
    shousho_no text,
    todoke_code text not null,
    nenkin_code text,
    uketsuke_on date not null,
    seikyusha_name text,
    shibou_on date,
    shindansho_flag boolean,
    kekka_code text,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index saitei_rofuku_in_force on pension.saitei_rofuku (row_key) where superseded_at is null;

create table pension.shotoku (
    shotoku_id bigint generated always as identity primary key,
    shoukai_no text not null,
    atena_no text not null,
    soutou_year integer not null,
    fuka_year integer not null,
    rireki_no integer not null,
    kaitou_code text not null,
    ippan_fuyo integer,
    rojin_fuyo integer,
    tokutei_fuyo integer,
    koujo_haiguu_flag boolean,
    shogai_fuyo integer,
    tokubetsu_shogai_fuyo integer,
    nensho_fuyo integer,
    honnin_shogai_code text,
    honnin_kafu_code text,
    honnin_gakusei_flag boolean,
    nenkin_shunyu_yen bigint,
    nenkin_zatsu_yen bigint,
    goukei_shotoku_yen bigint,
    jun_sonshitsu_yen bigint,
    zasson_koujo_yen bigint,
    iryohi_koujo_yen bigint,
    shakai_hoken_koujo_yen bigint,
    haiguu_tokubetsu_koujo_yen bigint,
    mishinkoku_flag boolean,
    row_key text not null,
    file_id bigint,
    line integer,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index shotoku_in_force on pension.shotoku (row_key) where superseded_at is null;

create index atena_person on pension.atena (atena_no) where superseded_at is null;
create index atena_file on pension.atena (file_id);
create index shikaku_person on pension.shikaku (atena_no);
create index nenkin_kihon_kiso on pension.nenkin_kihon (kiso_nenkin_no);
create index menjo_kiso on pension.menjo (kiso_nenkin_no);
