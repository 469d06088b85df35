-- 保管: what came, left or was made lies here as encrypted objects, each with its own data key. The object and its key are files
-- (archive/<object_key>, keys/objects/<object_key>); the databases hold neither a key nor a byte of them. A row stays for ever:
-- it says what there was and when it went.

create table ledger.object (
    object_id bigint generated always as identity primary key,
    object_key text not null unique check (object_key ~ '^[0-9a-f]{32}$'),
    class text not null check (class in ('B', 'C', 'D')),
    dataset text not null,
    period text not null,
    name text not null,
    origin text not null,
    personal boolean not null,
    run_id uuid not null references ledger.run,
    file_id bigint references ledger.file,
    output_id bigint references ledger.output,
    bytes bigint not null,
    sha256 text not null,
    sealed_bytes bigint not null,
    sealed_sha256 text not null,
    kept_from date not null,
    due_on date not null,
    archived_at timestamptz not null default now(),
    cleared_at timestamptz,
    retirement_id bigint,
    key_gone_at timestamptz,
    gone_at timestamptz,
    constraint key_before_file check (gone_at is null or key_gone_at is not null),
    constraint gone_by_request check (key_gone_at is null or retirement_id is not null)
);
comment on table ledger.object is '保管物（暗号化した控え1つ。鍵もファイルもデータベースの外にある）';
comment on column ledger.object.object_key is 'ファイルと鍵の名前';
comment on column ledger.object.class is '保存の区分（mappings/hokan.yaml）';
comment on column ledger.object.origin is '元の場所（ホームからの相対）';
comment on column ledger.object.personal is '本人が分かる内容を含む';
comment on column ledger.object.sha256 is '元の内容のハッシュ';
comment on column ledger.object.sealed_sha256 is '暗号化したファイルのハッシュ';
comment on column ledger.object.kept_from is '保存期間の始まる日';
comment on column ledger.object.due_on is '保存期間の終わる日（翌日から消去できる）';
comment on column ledger.object.cleared_at is '平文を消した日時';
comment on column ledger.object.retirement_id is '消去の申請';
comment on column ledger.object.key_gone_at is '鍵を消した日時（これより前に書く）';
create index object_output on ledger.object (output_id) where output_id is not null;
create index object_due on ledger.object (class, due_on) where gone_at is null;
create index object_of on ledger.object (dataset, name);
create unique index object_of_file on ledger.object (file_id) where file_id is not null;

create table ledger.hikiwatashi (
    output_id bigint primary key references ledger.output,
    handed_on date not null,
    receiver text not null,
    receipt_no text not null,
    run_id uuid not null references ledger.run,
    recorded_at timestamptz not null default now()
);
comment on table ledger.hikiwatashi is '引渡し（渡したファイルを誰がいつ受け取ったか）';
comment on column ledger.hikiwatashi.receiver is '受け取った相手';
comment on column ledger.hikiwatashi.receipt_no is '送受書又は受領の番号';
