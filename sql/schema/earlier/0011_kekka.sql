-- 処理結果、突合、登録。
create unlogged table staging.kikou_kekka (
    line integer,
    shichoson_code5 text,
    tsuchi_code text,
    created_on text,
    kiso_nenkin_no text,
    nenkin_code text,
    birth_on text,
    sex_code text,
    name_kana text,
    name text,
    postal_code text,
    address_kana text,
    address text,
    todoke_code text,
    kekka_code text,
    henrei_code text,
    shori_on text,
    gaitou_on text,
    jiyu_code text,
    shubetsu_code text,
    menjo_code text,
    from_month text,
    to_month text,
    uketsuke_no text,
    kojin_hmac text,
    kojin_cipher text,
    shokken_flag text
);
create view staging.kikou_kekka_rows as
select
    line,
    shichoson_code5,
    tsuchi_code,
    created_on::date as created_on,
    kiso_nenkin_no,
    nenkin_code,
    birth_on::date as birth_on,
    sex_code,
    name_kana,
    name,
    postal_code,
    address_kana,
    address,
    todoke_code,
    kekka_code,
    henrei_code,
    shori_on::date as shori_on,
    gaitou_on::date as gaitou_on,
    jiyu_code,
    shubetsu_code,
    menjo_code,
    from_month::date as from_month,
    to_month::date as to_month,
    uketsuke_no,
    kojin_hmac::bytea as kojin_hmac,
    kojin_cipher::bytea as kojin_cipher,
    shokken_flag::boolean as shokken_flag
from staging.kikou_kekka;

-- One row per record of a list, as it came. file_id and line are its key.
create table pension.kikou_kekka (
    kikou_kekka_id bigint generated always as identity primary key,
    shichoson_code5 text,
    tsuchi_code text,
    created_on date,
    kiso_nenkin_no text,
    nenkin_code text,
    birth_on date,
    sex_code text,
    name_kana text,
    name text,
    postal_code text,
    address_kana text,
    address text,
    todoke_code text,
    kekka_code text,
    henrei_code text,
    shori_on date,
    gaitou_on date,
    jiyu_code text,
    shubetsu_code text,
    menjo_code text,
    from_month date,
    to_month date,
    uketsuke_no text,
    kojin_id bigint,
    shokken_flag boolean,
    row_key text not null,
    file_id bigint not null,
    line integer not null,
    file_version smallint not null default 1,
    approval_id bigint,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    superseded_by_file bigint
);
create unique index kikou_kekka_in_force on pension.kikou_kekka (row_key) where superseded_at is null;
create index kikou_kekka_file on pension.kikou_kekka (file_id);

-- What a result and the intakes say of each other; a later 突合 that finds otherwise adds a row and ends this one.
create table pension.totsugo (
    totsugo_id bigint generated always as identity primary key,
    kikou_kekka_id bigint not null,
    outcome text not null check (outcome in ('matched', 'differs', 'expected_without_intake', 'unexplained', 'returned', 'duplicate')),
    pass smallint check (pass between 1 and 4),
    uketsuke_no text,
    uketsuke_id bigint,
    candidate_no text,
    atena_no text,
    items text[] not null default '{}',
    name_relation text,
    is_first boolean not null,
    hold_reason text,
    run_id uuid not null,  -- of ledger.run; no foreign key, as above
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz
);
create unique index totsugo_in_force on pension.totsugo (kikou_kekka_id) where superseded_at is null;
create index totsugo_uketsuke on pension.totsugo (uketsuke_no) where superseded_at is null;

-- What a second person decides about a result: its 登録, or whether a candidate of the last pass is its intake (確認).
create table pension.kekka_touroku (
    approval_id bigint primary key,  -- of ledger.approval; no foreign key: a trigger per row would cost more than the 突合 itself
    kikou_kekka_id bigint not null,
    action text not null check (action in ('register', 'confirm')),
    candidate_no text,
    check ((action = 'confirm') = (candidate_no is not null))
);
create index kekka_touroku_kekka on pension.kekka_touroku (kikou_kekka_id);

-- 個人番号 of a result whose person is not held has no 宛名番号 yet.
alter table vault.kojin_no alter column atena_no drop not null;
create unique index kojin_no_of_nobody on vault.kojin_no (hmac) where atena_no is null;
create index kojin_no_hmac on vault.kojin_no (hmac);
alter table pension.juki_shoukai alter column atena_no drop not null;
alter table pension.juki_shoukai add column kojin_id bigint, add constraint asked_by_one check ((atena_no is null) <> (kojin_id is null));
create unique index juki_shoukai_open_by_number on pension.juki_shoukai (kojin_id) where answered_at is null;

-- tens of thousands of proposals at a time: the run is looked up once per statement, not once per row (runs are never deleted)
alter table ledger.approval drop constraint approval_run_id_fkey;
create function ledger.run_of_approval() returns trigger language plpgsql as $$
begin
    if exists (select 1 from (select distinct run_id from added) as a where not exists (select 1 from ledger.run as r where r.run_id = a.run_id)) then
        raise foreign_key_violation using message = 'no such run';
    end if;
    return null;
end $$;
create trigger run_of_approval after insert on ledger.approval referencing new table as added
    for each statement execute function ledger.run_of_approval();
alter table ledger.approval drop constraint approval_kind_check;
alter table ledger.approval add constraint approval_kind_check check (kind in ('idou', 'teisei', 'kokuho', 'kikou_kekka'));
alter table pension.worklist drop constraint worklist_kind_check;
alter table pension.worklist add constraint worklist_kind_check
    check (kind in ('取得候補', '要確認', '住所変更', '氏名変更', '免除再確認', '処理結果'));
alter table pension.worklist alter column atena_id drop not null;

-- 受付 of 免除, 付加 and 裁定請求 stand in their groups as 受付 (kettei_flag false) until a result is registered.
alter table pension.menjo add column kettei_flag boolean not null default true, add column uketsuke_no text;
comment on column pension.menjo.kettei_flag is '決定区分（偽は受付のみ）';
comment on column pension.menjo.uketsuke_no is '受付番号';
create index menjo_uketsuke on pension.menjo (uketsuke_no) where uketsuke_no is not null;
alter table pension.fuka add column kettei_flag boolean not null default true, add column uketsuke_no text;
comment on column pension.fuka.kettei_flag is '決定区分（偽は受付のみ）';
comment on column pension.fuka.uketsuke_no is '受付番号';
create index fuka_uketsuke on pension.fuka (uketsuke_no) where uketsuke_no is not null;
alter table pension.saitei_rorei add column kettei_flag boolean not null default true, add column uketsuke_no text;
comment on column pension.saitei_rorei.kettei_flag is '決定区分（偽は受付のみ）';
comment on column pension.saitei_rorei.uketsuke_no is '受付番号';
create index saitei_rorei_uketsuke on pension.saitei_rorei (uketsuke_no) where uketsuke_no is not null;
alter table pension.saitei_shogai add column kettei_flag boolean not null default true, add column uketsuke_no text;
comment on column pension.saitei_shogai.kettei_flag is '決定区分（偽は受付のみ）';
comment on column pension.saitei_shogai.uketsuke_no is '受付番号';
create index saitei_shogai_uketsuke on pension.saitei_shogai (uketsuke_no) where uketsuke_no is not null;
alter table pension.saitei_izoku add column kettei_flag boolean not null default true, add column uketsuke_no text;
comment on column pension.saitei_izoku.kettei_flag is '決定区分（偽は受付のみ）';
comment on column pension.saitei_izoku.uketsuke_no is '受付番号';
create index saitei_izoku_uketsuke on pension.saitei_izoku (uketsuke_no) where uketsuke_no is not null;
alter table pension.saitei_rofuku add column kettei_flag boolean not null default true, add column uketsuke_no text;
comment on column pension.saitei_rofuku.kettei_flag is '決定区分（偽は受付のみ）';
comment on column pension.saitei_rofuku.uketsuke_no is '受付番号';
create index saitei_rofuku_uketsuke on pension.saitei_rofuku (uketsuke_no) where uketsuke_no is not null;

-- 突合1: what an intake and 宛名 say of each other, on the day it was taken in; when 宛名 came only later, again.
create table pension.uketsuke_check (
    uketsuke_check_id bigint generated always as identity primary key,
    uketsuke_id bigint not null,
    checked_on date not null,
    missing text[] not null,
    findings text[] not null,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz
);
create unique index uketsuke_check_in_force on pension.uketsuke_check (uketsuke_id) where superseded_at is null;

-- The newest revision of each intake, and whether a second person confirmed it (else it is 未確認 and goes no further).
alter table pension.uketsuke add column kakunin_flag boolean not null
    generated always as (coalesce(lower(normalize(kakunin_user, nfkc)) <> lower(normalize(nyuryoku_user, nfkc)), false)) stored;
comment on column pension.uketsuke.kakunin_flag is '入力者と別の職員が確認したか（偽は未確認）';
create view pension.uketsuke_ima as
select u.*
from pension.uketsuke as u
where u.superseded_at is null and not exists (
    select 1 from pension.uketsuke as n where n.uketsuke_no = u.uketsuke_no and n.superseded_at is null and n.rev > u.rev
);
create index uketsuke_of_number on pension.uketsuke (uketsuke_no, rev) where superseded_at is null;

-- What a second person approves about a result, as a hash: the record and what the 突合 found (looked at again before it is applied).
create view pension.kekka_content as
select k.kikou_kekka_id, encode(sha256(convert_to(jsonb_build_array(
    k.kiso_nenkin_no, k.nenkin_code, k.birth_on, k.sex_code, k.name_kana, k.todoke_code, k.kekka_code, k.henrei_code, k.shori_on, k.gaitou_on,
    k.jiyu_code, k.shubetsu_code, k.menjo_code, k.from_month, k.to_month, k.kojin_id,
    s.outcome, s.uketsuke_no, s.uketsuke_id, s.candidate_no, s.atena_no, s.items, s.is_first, s.hold_reason)::text, 'UTF8')), 'hex') as content_hash
from pension.kikou_kekka as k
join pension.totsugo as s using (kikou_kekka_id)
where k.superseded_at is null and s.superseded_at is null;

-- The outcome of each intake that takes part, by what was known of lists and intakes of days up to this one: that of its first result;
-- after a 返戻 that of what followed it; without a result waiting, from day 61 after 進達 overdue. 進達 = 状態 4 first seen since then.
create function pension.uketsuke_outcome(p_on date)
returns table (uketsuke_no text, uketsuke_id bigint, outcome text, items text[], kikou_kekka_id bigint, shintatsu_on date)
language sql stable as $$
    with newest as (
        -- the newest revision in one pass over all of them: its number, its id and whether it takes part, packed into one integer
        select u.uketsuke_no, min(f.business_on) filter (where u.jotai_code = '4') as shintatsu_on,
            max((u.rev::bigint << 44) | (u.uketsuke_id << 1) | (u.kakunin_flag and u.jotai_code <> '3')::integer) as packed
        from pension.uketsuke as u join ledger.file as f using (file_id)
        where u.superseded_at is null and f.business_on <= p_on
        group by u.uketsuke_no
    ),
    result as (
        select t.uketsuke_no, t.kikou_kekka_id, t.outcome, t.items, f.business_on,
            row_number() over (partition by t.uketsuke_no order by f.business_on desc, f.seq desc, k.line desc) as nth
        from pension.totsugo as t
        join pension.kikou_kekka as k using (kikou_kekka_id)
        join ledger.file as f using (file_id)
        where t.superseded_at is null and t.uketsuke_no is not null and t.is_first and f.business_on <= p_on
    ),
    after_return as (
        select r.uketsuke_no, true as resubmitted, min(f.business_on) filter (where x.jotai_code = '4') as shintatsu_on
        from result as r
        join pension.uketsuke as x on x.uketsuke_no = r.uketsuke_no and x.superseded_at is null
        join ledger.file as f on f.file_id = x.file_id and f.business_on > r.business_on and f.business_on <= p_on
        where r.nth = 1 and r.outcome = 'returned'
        group by r.uketsuke_no
    ),
    intake as (
        select n.uketsuke_no, (n.packed >> 1) & ((1::bigint << 43) - 1) as uketsuke_id, r.outcome as told, r.items, r.kikou_kekka_id, a.resubmitted,
            case when r.outcome = 'returned' then a.shintatsu_on else n.shintatsu_on end as shintatsu_on
        from newest as n
        left join result as r on r.uketsuke_no = n.uketsuke_no and r.nth = 1
        left join after_return as a on a.uketsuke_no = n.uketsuke_no
        where n.packed & 1 = 1
    )
    select uketsuke_no, uketsuke_id,
        case when told is not null and resubmitted is not true then told when p_on - shintatsu_on > 60 then 'overdue' else 'waiting' end,
        case when told is null or resubmitted then '{}' else items end, kikou_kekka_id, shintatsu_on
    from intake
$$;

grant select, insert on pension.kikou_kekka, pension.totsugo, pension.kekka_touroku, pension.uketsuke_check to kokunen_app;
grant select on pension.uketsuke_ima, pension.kekka_content to kokunen_app;
revoke all on function pension.uketsuke_outcome from public;
grant execute on function pension.uketsuke_outcome to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.kikou_kekka to kokunen_app;
grant update (superseded_at) on pension.totsugo, pension.uketsuke_check to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.fuka, pension.menjo to kokunen_app;
grant select, insert, update, delete, truncate on staging.kikou_kekka to kokunen_app;
grant select on staging.kikou_kekka_rows to kokunen_app;
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on staging.kikou_kekka, pension.kikou_kekka, pension.totsugo to kokunen_app';
    end if;
end $$;

comment on table pension.kikou_kekka is '処理結果（日本年金機構の一覧の1件ごと）';
comment on column pension.kikou_kekka.shichoson_code5 is '市町村コード';
comment on column pension.kikou_kekka.tsuchi_code is '通知内容コード';
comment on column pension.kikou_kekka.created_on is '作成年月日';
comment on column pension.kikou_kekka.kiso_nenkin_no is '基礎年金番号';
comment on column pension.kikou_kekka.nenkin_code is '年金コード';
comment on column pension.kikou_kekka.birth_on is '生年月日';
comment on column pension.kikou_kekka.sex_code is '性別';
comment on column pension.kikou_kekka.name_kana is 'カナ氏名';
comment on column pension.kikou_kekka.name is '漢字氏名';
comment on column pension.kikou_kekka.postal_code is '郵便番号';
comment on column pension.kikou_kekka.address_kana is 'カナ住所';
comment on column pension.kikou_kekka.address is '漢字住所';
comment on column pension.kikou_kekka.todoke_code is '届書種別';
comment on column pension.kikou_kekka.kekka_code is '処理結果';
comment on column pension.kikou_kekka.henrei_code is '返戻理由';
comment on column pension.kikou_kekka.shori_on is '処理年月日';
comment on column pension.kikou_kekka.gaitou_on is '該当年月日';
comment on column pension.kikou_kekka.jiyu_code is '事由';
comment on column pension.kikou_kekka.shubetsu_code is '被保険者種別';
comment on column pension.kikou_kekka.menjo_code is '免除種類';
comment on column pension.kikou_kekka.from_month is '始期';
comment on column pension.kikou_kekka.to_month is '終期';
comment on column pension.kikou_kekka.uketsuke_no is '受付番号(進達時)';
comment on column pension.kikou_kekka.kojin_id is '個人番号（vault の参照番号）';
comment on column pension.kikou_kekka.shokken_flag is '職権区分';
comment on table pension.totsugo is '突合（処理結果と受付）';
comment on column pension.totsugo.outcome is '突合結果';
comment on column pension.totsugo.pass is '一致した段（1 受付番号、2 基礎年金番号、3 個人番号、4 カナ氏名等の候補を確認したもの）';
comment on column pension.totsugo.candidate_no is '候補の受付番号（確認待ち）';
comment on column pension.totsugo.items is '相違した項目の名前（値は持たない）';
comment on column pension.totsugo.name_relation is '漢字氏名（一致、縮退一致、相違）';
comment on column pension.totsugo.is_first is '受付を決める最初の結果か';
comment on column pension.totsugo.hold_reason is '登録を保留する理由';
comment on table pension.kekka_touroku is '処理結果の登録・候補の確認の承認対象';
comment on table pension.uketsuke_check is '突合1（受付と宛名）の点検票';
comment on column pension.uketsuke_check.missing is '届書に必要で、書かれていない項目の名前';
comment on column pension.uketsuke_check.findings is '宛名・資格と合わない点';
comment on view pension.kekka_content is '処理結果の承認対象の内容ハッシュ';
comment on function pension.uketsuke_outcome is '受付ごとの突合結果（その日現在）';
comment on view pension.uketsuke_ima is '受付の最新の改訂';
