-- 所得照会と回答。
create table pension.shotoku_shoukai (
    shoukai_no text primary key,
    uketsuke_no text not null,
    kankei_code text not null,
    atena_no text not null,
    soutou_year integer not null,
    shoukai_jiyu_code text not null,
    run_id uuid not null references ledger.run,
    asked_on date not null,
    recorded_at timestamptz not null default now(),
    answered_by_file bigint,
    answered_at timestamptz
);
create unique index shotoku_shoukai_once on pension.shotoku_shoukai (uketsuke_no, atena_no, soutou_year);
create index shotoku_shoukai_open on pension.shotoku_shoukai (shoukai_no) where answered_at is null;
create index shotoku_question on pension.shotoku (shoukai_no) where superseded_at is null;

-- What may be answered now: the question is open and so is its intake (状態 1, 2, 5, confirmed by a second person).
create view pension.shotoku_open as
select q.shoukai_no, q.uketsuke_no, q.atena_no, q.soutou_year, q.answered_by_file
from pension.shotoku_shoukai as q
join pension.uketsuke_ima as u using (uketsuke_no)
where u.kakunin_flag and u.jotai_code in ('1', '2', '5');

create unlogged table staging.shotoku_kaitou (
    line integer,
    shoukai_no text,
    atena_no text,
    soutou_year text,
    fuka_year text,
    rireki_no text,
    kaitou_code text,
    name_kana text,
    birth_on text,
    sex_code text,
    address text,
    ippan_fuyo text,
    rojin_fuyo text,
    tokutei_fuyo text,
    koujo_haiguu_flag text,
    shogai_fuyo text,
    tokubetsu_shogai_fuyo text,
    nensho_fuyo text,
    honnin_shogai_code text,
    honnin_kafu_code text,
    honnin_gakusei_flag text,
    nenkin_shunyu_yen text,
    nenkin_zatsu_yen text,
    goukei_shotoku_yen text,
    jun_sonshitsu_yen text,
    zasson_koujo_yen text,
    iryohi_koujo_yen text,
    shakai_hoken_koujo_yen text,
    haiguu_tokubetsu_koujo_yen text,
    mishinkoku_flag text
);
-- The 4情報 were compared on the way in and go no further: they are 宛名's.
create view staging.shotoku_kaitou_rows as
select
    line,
    shoukai_no,
    atena_no,
    soutou_year::integer as soutou_year,
    fuka_year::integer as fuka_year,
    rireki_no::integer as rireki_no,
    kaitou_code,
    ippan_fuyo::integer as ippan_fuyo,
    rojin_fuyo::integer as rojin_fuyo,
    tokutei_fuyo::integer as tokutei_fuyo,
    koujo_haiguu_flag::boolean as koujo_haiguu_flag,
    shogai_fuyo::integer as shogai_fuyo,
    tokubetsu_shogai_fuyo::integer as tokubetsu_shogai_fuyo,
    nensho_fuyo::integer as nensho_fuyo,
    honnin_shogai_code,
    honnin_kafu_code,
    honnin_gakusei_flag::boolean as honnin_gakusei_flag,
    nenkin_shunyu_yen::bigint as nenkin_shunyu_yen,
    nenkin_zatsu_yen::bigint as nenkin_zatsu_yen,
    goukei_shotoku_yen::bigint as goukei_shotoku_yen,
    jun_sonshitsu_yen::bigint as jun_sonshitsu_yen,
    zasson_koujo_yen::bigint as zasson_koujo_yen,
    iryohi_koujo_yen::bigint as iryohi_koujo_yen,
    shakai_hoken_koujo_yen::bigint as shakai_hoken_koujo_yen,
    haiguu_tokubetsu_koujo_yen::bigint as haiguu_tokubetsu_koujo_yen,
    mishinkoku_flag::boolean as mishinkoku_flag,
    shoukai_no || '-' || atena_no || '-' || soutou_year::integer as row_key,
    jsonb_build_array(shoukai_no, atena_no, soutou_year::integer, fuka_year::integer, rireki_no::integer, kaitou_code, ippan_fuyo::integer, rojin_fuyo::integer, tokutei_fuyo::integer, koujo_haiguu_flag::boolean, shogai_fuyo::integer, tokubetsu_shogai_fuyo::integer, nensho_fuyo::integer, honnin_shogai_code, honnin_kafu_code, honnin_gakusei_flag::boolean, nenkin_shunyu_yen::bigint, nenkin_zatsu_yen::bigint, goukei_shotoku_yen::bigint, jun_sonshitsu_yen::bigint, zasson_koujo_yen::bigint, iryohi_koujo_yen::bigint, shakai_hoken_koujo_yen::bigint, haiguu_tokubetsu_koujo_yen::bigint, mishinkoku_flag::boolean)::text as content
from staging.shotoku_kaitou;
create view staging.shotoku_kaitou_held as
select t.row_key, t.shotoku_id as row_id, t.file_version, jsonb_build_array(t.shoukai_no, t.atena_no, t.soutou_year, t.fuka_year, t.rireki_no, t.kaitou_code, t.ippan_fuyo, t.rojin_fuyo, t.tokutei_fuyo, t.koujo_haiguu_flag, t.shogai_fuyo, t.tokubetsu_shogai_fuyo, t.nensho_fuyo, t.honnin_shogai_code, t.honnin_kafu_code, t.honnin_gakusei_flag, t.nenkin_shunyu_yen, t.nenkin_zatsu_yen, t.goukei_shotoku_yen, t.jun_sonshitsu_yen, t.zasson_koujo_yen, t.iryohi_koujo_yen, t.shakai_hoken_koujo_yen, t.haiguu_tokubetsu_koujo_yen, t.mishinkoku_flag)::text as content
from pension.shotoku as t
where t.superseded_at is null;

-- What proves that nothing is held that was not asked for (P: 回答 ⊆ 照会). Empty at any time.
create view pension.shotoku_unasked as
select s.shotoku_id
from pension.shotoku as s
where not exists (
    select 1 from pension.shotoku_shoukai as q
    where q.shoukai_no = s.shoukai_no and q.atena_no = s.atena_no and q.soutou_year = s.soutou_year
);

grant select, insert on pension.shotoku_shoukai to kokunen_app;
grant update (answered_by_file, answered_at) on pension.shotoku_shoukai to kokunen_app;
grant select on pension.shotoku_open, pension.shotoku_unasked, staging.shotoku_kaitou_rows, staging.shotoku_kaitou_held to kokunen_app;
grant select, insert, update, delete, truncate on staging.shotoku_kaitou to kokunen_app;
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on staging.shotoku_kaitou, pension.shotoku, pension.shotoku_shoukai to kokunen_app';
    end if;
end $$;

comment on table pension.shotoku_shoukai is '所得照会（受付・人・相当年度ごとに一度）';
comment on column pension.shotoku_shoukai.shoukai_no is '照会番号';
comment on column pension.shotoku_shoukai.uketsuke_no is '受付番号';
comment on column pension.shotoku_shoukai.kankei_code is '本人との関係';
comment on column pension.shotoku_shoukai.atena_no is '宛名番号';
comment on column pension.shotoku_shoukai.soutou_year is '相当年度';
comment on column pension.shotoku_shoukai.shoukai_jiyu_code is '照会事由';
comment on view pension.shotoku_open is '回答を受け入れてよい照会';
comment on view pension.shotoku_unasked is '照会していない所得（いつも空）';
