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

create table ledger.receipt (
    run_id uuid not null references ledger.run,
    step text not null,
    content jsonb not null,
    recorded_at timestamptz not null default now(),
    primary key (run_id, step)
);
comment on table ledger.receipt is '工程の受領証（件数のみ）';

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

create table ledger.fence (
    dataset text primary key,
    token bigint not null default 0
);
comment on table ledger.fence is '二重実行を止める番号（古い番号の書込みは拒否）';

create table ledger.approval (
    approval_id bigint generated always as identity primary key,
    kind text not null check (kind in ('idou', 'teisei', 'kokuho')),
    run_id uuid not null references ledger.run,
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

create function ledger.decided_once() returns trigger language plpgsql as $$
begin
    if old.decision is not null then
        raise exception 'decided already' using errcode = 'KN001';
    end if;
    return new;
end $$;
create trigger decided_once before update on ledger.approval for each row execute function ledger.decided_once();

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
create unique index output_once on ledger.output (dataset, period, coalesce(seq, 0), version);
comment on table ledger.output is '出力ファイル（版ごと。同じ known_at と作成年月日で再現できる）';

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
