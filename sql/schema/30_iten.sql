-- 移転: what each recipient has of us. The views of schema iten are made from mappings/transfers.yaml, one for each row of it, with
-- a log-in of its own (etl/core/mapping/views.py).

create schema iten;
comment on schema iten is '移転・照会: あて先ごとに、許可された項目と対象者だけ';

-- A business day of a recipient who is told what changed: chosen as known at one moment, so that it can be made again.
create table ledger.iten_day (
    dataset text not null,
    business_on date not null,
    known_at timestamptz not null,
    user_name text not null,
    output_id bigint unique references ledger.output,
    added integer not null default 0,
    changed integer not null default 0,
    deleted integer not null default 0,
    ended_at timestamptz,
    primary key (dataset, business_on)
);
comment on table ledger.iten_day is '都度の移転の業務日（あて先ごとに一つ）';
comment on column ledger.iten_day.dataset is 'データセット';
comment on column ledger.iten_day.business_on is '業務日';
comment on column ledger.iten_day.known_at is '基準時刻';
comment on column ledger.iten_day.user_name is '基準時刻を定めた実行の職員';
comment on column ledger.iten_day.output_id is '出したファイル（変わったものが無い日は無い）';
comment on column ledger.iten_day.added is '追加の件数';
comment on column ledger.iten_day.changed is '更新の件数';
comment on column ledger.iten_day.deleted is '削除の件数';
comment on column ledger.iten_day.ended_at is '済んだ日時';

-- Of every record that a recipient got: a hash of its items, from the file that brought it until the one that replaced it or took
-- it back. Both have their row in ledger.output, written in the same transaction; a foreign key would ask for it once per record.
create table ledger.iten_jotai (
    iten_jotai_id bigint generated always as identity primary key,
    dataset text not null,
    key text not null,
    atena_no text not null,
    hash bytea not null,
    output_id bigint not null,
    ended_by bigint
);
comment on table ledger.iten_jotai is '都度の移転のあて先が持つもの（項目のハッシュ）';
comment on column ledger.iten_jotai.key is 'キー（マッピングのキーの項目）';
comment on column ledger.iten_jotai.hash is '許可された項目の SHA-256（更新区分・操作者・操作日時を除く）';
comment on column ledger.iten_jotai.output_id is '渡したファイル';
comment on column ledger.iten_jotai.ended_by is '更新又は削除を渡したファイル（無ければ今もあて先にある）';
create unique index iten_jotai_now on ledger.iten_jotai (dataset, key) where ended_by is null;

create unlogged table staging.iten_henkou (
    key text not null,
    atena_no text not null,
    hash bytea,
    koshin_kbn text not null
);
comment on table staging.iten_henkou is '渡すファイルの行のキーとハッシュ（渡し終えるまで）';

create view pension.saitei_uketsuke as
select atena_no, kiso_nenkin_no, nenkin_code, uketsuke_on, kekka_code, file_id, approval_id, recorded_at, superseded_at
from pension.saitei_rorei
union all
select atena_no, kiso_nenkin_no, nenkin_code, uketsuke_on, kekka_code, file_id, approval_id, recorded_at, superseded_at
from pension.saitei_shogai
union all
select atena_no, kiso_nenkin_no, nenkin_code, uketsuke_on, kekka_code, file_id, approval_id, recorded_at, superseded_at
from pension.saitei_izoku
union all
select atena_no, kiso_nenkin_no, nenkin_code, uketsuke_on, kekka_code, file_id, approval_id, recorded_at, superseded_at
from pension.saitei_rofuku;
comment on view pension.saitei_uketsuke is '裁定請求の受付（四つの区分の版すべて）';
