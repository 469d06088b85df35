-- 鍵の確認: a key file that holds another key than before would encrypt new rows so that nothing opens both, and match nobody.
create table vault.key_check (
    key_id text primary key,
    proof bytea not null,
    recorded_at timestamptz not null default now()
);
comment on table vault.key_check is '鍵の確認値（鍵そのものは持たない。最初に使ったときに記録し、以後は一致を確かめる）';
comment on column vault.key_check.key_id is '鍵の名前';
comment on column vault.key_check.proof is '定まった文の HMAC-SHA256';
grant select, insert on vault.key_check to kokunen_app;
