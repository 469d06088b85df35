-- 台帳: what ran, what came, what was held back, what left, who approved.

create table ledger.run (
    run_id uuid primary key default gen_random_uuid(),
    run_key text unique,
    job text not null,
    period text not null,
    user_name text not null,
    unit text not null,
    terminal text not null,
    reason text not null,
    business_on date,
    as_known_at timestamptz,
    definition_hash text not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    state text not null default 'running' check (state in ('running', 'done', 'failed')),
    error_code text
);
comment on table ledger.run is '実行';
comment on column ledger.run.definition_hash is 'マッピング・SQL・検証定義のハッシュ（再試行は同じ定義でのみ続行する）';
grant select, insert on ledger.run to kokunen_app;
grant update (finished_at, state, error_code) on ledger.run to kokunen_app;

create table ledger.receipt (
    run_id uuid not null references ledger.run,
    step text not null,
    content jsonb not null,
    recorded_at timestamptz not null default now(),
    primary key (run_id, step)
);
comment on table ledger.receipt is '工程の受領証（件数のみ）';
grant select, insert on ledger.receipt to kokunen_app;
grant update (content, recorded_at) on ledger.receipt to kokunen_app;

create table ledger.file (
    file_id bigint generated always as identity primary key,
    run_id uuid not null references ledger.run,
    dataset text not null,
    stream text not null,
    resets boolean not null default false,
    name text not null,
    business_on date not null,
    seq integer,
    version smallint not null default 1,
    bytes bigint not null,
    sha256 text not null,
    outcome text not null check (outcome in ('accepted', 'refused', 'waiting', 'duplicate')),
    code text,
    facts jsonb not null default '{}',
    first_file_id bigint references ledger.file,
    data_count integer not null default 0,
    new_count integer not null default 0,
    updated_count integer not null default 0,
    unchanged_count integer not null default 0,
    quarantined_count integer not null default 0,
    out_of_scope_count integer not null default 0,
    gaiji_characters integer not null default 0,
    gaiji_rows integer not null default 0,
    received_at timestamptz not null default now(),
    constraint counts_balance check (
        outcome <> 'accepted'
        or data_count = new_count + updated_count + unchanged_count + quarantined_count + out_of_scope_count
    )
);
comment on table ledger.file is '受入ファイル（版ごと）';
comment on constraint counts_balance on ledger.file is 'データ件数 = 新規 + 更新 + 変更なし + 隔離 + 対象外';
create unique index file_once on ledger.file (dataset, stream, business_on, coalesce(seq, 0), version) where outcome = 'accepted';
create unique index file_bytes_once on ledger.file (dataset, sha256) where outcome = 'accepted' and data_count > 0;
create index file_run on ledger.file (run_id);
grant select, insert on ledger.file to kokunen_app;
grant usage on sequence ledger.file_file_id_seq to kokunen_app;

create table ledger.quarantine (
    file_id bigint not null references ledger.file,
    line integer not null,
    fields text[] not null,
    kinds text[] not null,
    row_cipher bytea,
    key_id text,
    primary key (file_id, line)
);
comment on table ledger.quarantine is '隔離（行・項目・種類。値は持たない。保有者の行に限り暗号化して保管）';
grant select, insert on ledger.quarantine to kokunen_app;

create table ledger.fence (
    dataset text primary key,
    token bigint not null default 0
);
comment on table ledger.fence is '二重実行を止める番号（古い番号の書込みは拒否）';
grant select, insert on ledger.fence to kokunen_app;
grant update (token) on ledger.fence to kokunen_app;

create table ledger.approval_kind (
    kind text primary key,
    label text not null
);
comment on table ledger.approval_kind is '承認の種類（登録簿から）';
grant select on ledger.approval_kind to kokunen_app;

create table ledger.approval (
    approval_id bigint generated always as identity primary key,
    kind text not null,
    run_id uuid not null,
    subject text not null,
    content_hash text not null,
    maker text not null,
    made_at timestamptz not null default now(),
    expires_at timestamptz not null,
    decision text check (decision in ('approved', 'rejected', 'withdrawn', 'superseded')),
    checker text,
    decided_at timestamptz,
    reason text,
    constraint another_person check (decision is null or decision not in ('approved', 'rejected') or checker <> maker),
    constraint decided_whole check ((decision is null) = (decided_at is null))
);
comment on table ledger.approval is '承認（起案者と承認者は別人。内容ハッシュと期限を持つ）';
create index approval_pending on ledger.approval (kind, run_id) where decision is null;
grant select, insert on ledger.approval to kokunen_app;
grant update (decision, checker, decided_at, reason) on ledger.approval to kokunen_app;
grant usage on sequence ledger.approval_approval_id_seq to kokunen_app;

create function ledger.decided_once() returns trigger language plpgsql as $$
begin
    if old.decision is not null then
        raise exception 'decided already' using errcode = 'KN001';
    end if;
    return new;
end $$;
revoke all on function ledger.decided_once from public;
create trigger decided_once before update on ledger.approval for each row execute function ledger.decided_once();

-- Tens of thousands of proposals come at a time: their run and kind are looked up once per statement, not once per row. Neither
-- is ever deleted, so this is as good as a foreign key.
create function ledger.approval_is_known() returns trigger language plpgsql as $$
begin
    if exists (
        select 1 from (select distinct run_id, kind from added) as a
        where not exists (select 1 from ledger.run as r where r.run_id = a.run_id)
            or not exists (select 1 from ledger.approval_kind as k where k.kind = a.kind)
    ) then
        raise foreign_key_violation using message = 'no such run or kind';
    end if;
    return null;
end $$;
revoke all on function ledger.approval_is_known from public;
create trigger approval_is_known after insert on ledger.approval
    referencing new table as added for each statement execute function ledger.approval_is_known();

create table ledger.teisei (
    approval_id bigint primary key references ledger.approval,
    dataset text not null,
    stream text not null,
    business_on date not null,
    seq integer,
    version smallint not null,
    sha256 text not null
);
comment on table ledger.teisei is '訂正ファイルの承認対象';
grant select, insert on ledger.teisei to kokunen_app;

create table ledger.output (
    output_id bigint generated always as identity primary key,
    run_id uuid not null references ledger.run,
    dataset text not null,
    period text not null,
    seq integer,
    version smallint not null,
    name text not null,
    rows integer not null,
    sha256 text not null,
    body_sha256 text not null,
    created_on date not null,
    known_at timestamptz not null,
    reason text not null,
    approval_id bigint references ledger.approval,
    made_at timestamptz not null default now(),
    released_at timestamptz
);
comment on table ledger.output is '出力ファイル（版ごと。同じ known_at と作成年月日で再現できる）';
create unique index output_once on ledger.output (dataset, period, coalesce(seq, 0), version);
grant select, insert on ledger.output to kokunen_app;
grant update (released_at) on ledger.output to kokunen_app;

create table ledger.medium (
    medium_no bigint generated always as identity primary key,
    output_id bigint not null unique references ledger.output,
    kind text not null,
    recipient text not null,
    archive_name text not null,
    archive_sha256 text not null,
    key_name text not null,
    made_at timestamptz not null default now()
);
comment on table ledger.medium is '媒体台帳';
grant select, insert on ledger.medium to kokunen_app;
grant update (output_id) on ledger.medium to kokunen_app;

-- Every page of an application that left as paper: what it showed (as a hash of its persons, months and answers) and where it
-- lies. Written before the file is (no page without its record), placed_at after it: what was recorded and not placed is printed
-- again.
create table ledger.printed (
    printed_id bigint generated always as identity primary key,
    run_id uuid not null references ledger.run,
    uketsuke_no text not null,
    uketsuke_ku_code text not null,
    atena_no text not null,
    content_hash text not null,
    page integer not null,
    file_name text not null,
    recorded_at timestamptz not null default now(),
    placed_at timestamptz
);
comment on table ledger.printed is '印刷（申請書の1枚ごと）';
create index printed_uketsuke on ledger.printed (uketsuke_no, content_hash) where placed_at is not null;
create index printed_run on ledger.printed (run_id);
grant select, insert on ledger.printed to kokunen_app;
grant update (placed_at) on ledger.printed to kokunen_app;

create sequence ledger.print_no;
grant usage on sequence ledger.print_no to kokunen_app;
