-- 移転台帳: of every file that left, what the registry said when it left, and whom it told of (P78). Written in the transaction in
-- which a file leaves; nothing of it ever changes or goes.

create table ledger.iten_kiroku (
    output_id bigint primary key references ledger.output,
    transfer_id text not null,
    kind text not null,
    recipient text not null,
    basis text[] not null,
    purpose text not null,
    title text not null,
    items text[] not null,
    channel text not null,
    partner text,
    permission_no text not null,
    row_sha256 text not null,
    persons integer not null
);
comment on table ledger.iten_kiroku is '移転台帳（出たファイルごとに、出たときの登録簿の内容）';
comment on column ledger.iten_kiroku.output_id is '出力ファイル';
comment on column ledger.iten_kiroku.transfer_id is '登録簿の行（mappings/transfers.yaml）';
comment on column ledger.iten_kiroku.kind is '移転・照会など';
comment on column ledger.iten_kiroku.recipient is 'あて先';
comment on column ledger.iten_kiroku.basis is '根拠';
comment on column ledger.iten_kiroku.purpose is '目的';
comment on column ledger.iten_kiroku.title is 'データの名称';
comment on column ledger.iten_kiroku.items is '収めた項目';
comment on column ledger.iten_kiroku.channel is '経路（sftp・flash・cd-r）';
comment on column ledger.iten_kiroku.partner is '相手先（sftp のとき）';
comment on column ledger.iten_kiroku.permission_no is '許可番号';
comment on column ledger.iten_kiroku.row_sha256 is '登録簿の行のハッシュ';
comment on column ledger.iten_kiroku.persons is '宛名番号の数';

-- Hundreds of thousands of rows come at a time, beside the file's own row: no foreign key looks at each of them.
create table ledger.iten_soufu (
    atena_no text not null,
    output_id bigint not null,
    primary key (atena_no, output_id)
);
comment on table ledger.iten_soufu is '出たファイルが誰について知らせたか（本人からの問合せに答える）';
comment on column ledger.iten_soufu.output_id is '出力ファイル';

-- Whoever was asked about by 個人番号 alone had no 宛名番号 then (住基照会 03).
create index juki_shoukai_by_number on pension.juki_shoukai (kojin_id) where kojin_id is not null;
