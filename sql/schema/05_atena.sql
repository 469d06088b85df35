-- 宛名、候補、確認リスト、住基照会。
-- Every row of a group of 国民年金情報ファイル (05 to 10) says which file and line, or which approval, brought it and when it was known:
-- recorded_at <= t < superseded_at is the state as known at t. Nothing is ever deleted; the only UPDATE ends a row's validity.
-- file_id has no foreign key: a trigger per row would cost more than the load itself; the load statement joins instead.

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
    row_key text not null, file_id bigint, line integer, file_version smallint not null default 1, approval_id bigint,
    recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint
);
create unique index atena_in_force on pension.atena (row_key) where superseded_at is null;
create index atena_person on pension.atena (atena_no) where superseded_at is null;
create index atena_file on pension.atena (file_id);
-- what a 訂正 replaced is asked for by the file that replaced it; few rows ever are
create index atena_superseded_by on pension.atena (superseded_by_file) where superseded_by_file is not null;
create index atena_shien on pension.atena (atena_no) where shien_sochi_flag and superseded_at is null;
grant select, insert on pension.atena to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.atena to kokunen_app;

-- The row of 宛名 that a person has now. (The row in force on a day is another question, and so is the newest row of all.)
create view pension.atena_ima as
select a.*
from pension.atena as a
where a.superseded_at is null and not a.sakujo_flag and not exists (
    select 1 from pension.atena as n
    where n.atena_no = a.atena_no and n.superseded_at is null and not n.sakujo_flag and n.rireki_no > a.rireki_no
);
comment on view pension.atena_ima is '宛名の最新の履歴（削除されたものを除く）';
grant select on pension.atena_ima to kokunen_app;

-- Households in which somebody whom we hold is a 支援措置対象者 today: no paper shows the address of anybody in them (標準仕様書 3.4).
create view pension.setai_protected as
select distinct setai_no from pension.atena_ima where shien_sochi_flag;
comment on view pension.setai_protected is '支援措置対象者のいる世帯';
grant select on pension.setai_protected to kokunen_app;

create table pension.kouho (
    atena_no text not null,
    file_id bigint not null,
    line integer not null,
    business_on date not null,
    until_on date not null,
    primary key (file_id, line)
);
comment on table pension.kouho is '資格取得の候補として保有する者（確認されなければ期限で対象から外れる）';
create index kouho_person on pension.kouho (atena_no, until_on);
grant select, insert on pension.kouho to kokunen_app;

create table pension.worklist_kind (
    kind text primary key
);
comment on table pension.worklist_kind is '確認リストの種類';
grant select on pension.worklist_kind to kokunen_app;

create table pension.worklist (
    worklist_id bigint generated always as identity primary key,
    kind text not null references pension.worklist_kind,
    atena_no text not null,
    atena_id bigint,
    row_key text not null default '',
    opened_on date not null,
    recorded_at timestamptz not null default now(),
    closed_at timestamptz,
    close_reason text,
    unique (kind, atena_id, row_key)
);
comment on table pension.worklist is '確認リスト';
create index worklist_open on pension.worklist (kind, atena_no) where closed_at is null;
grant select, insert on pension.worklist to kokunen_app;
grant update (closed_at, close_reason) on pension.worklist to kokunen_app;

-- A person is asked for by 宛名番号, or, as long as there is none, by 個人番号.
create table pension.juki_shoukai (
    shoukai_no text primary key,
    atena_no text,
    shoukai_jiyu_code text not null,
    konkyo_no text,
    run_id uuid not null references ledger.run,
    asked_on date not null,
    recorded_at timestamptz not null default now(),
    answered_by_file bigint,
    answered_at timestamptz,
    kojin_id bigint,
    constraint asked_by_one check ((atena_no is null) <> (kojin_id is null))
);
comment on table pension.juki_shoukai is '住基照会（問合せと回答の対応）';
create unique index juki_shoukai_open on pension.juki_shoukai (atena_no) where answered_at is null;
create unique index juki_shoukai_open_by_number on pension.juki_shoukai (kojin_id) where answered_at is null;
grant select, insert on pension.juki_shoukai to kokunen_app;
grant update (answered_by_file, answered_at) on pension.juki_shoukai to kokunen_app;

-- analyze of a table that was just filled; before PostgreSQL 17 only an owner may, and the statement is skipped with a warning.
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on pension.atena, pension.kouho, pension.worklist, pension.juki_shoukai to kokunen_app';
    end if;
end $$;
