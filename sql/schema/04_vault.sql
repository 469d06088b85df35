-- 個人番号の保管庫。

-- One row per person and number: AES-256-GCM ciphertext, keyed HMAC-SHA256 for matching, key_id for rotation. The number of a
-- result whose person is not held has no 宛名番号 yet.
create table vault.kojin_no (
    kojin_id bigint generated always as identity primary key,
    atena_no text,
    hmac bytea not null,
    cipher bytea not null,
    key_id text not null,
    recorded_at timestamptz not null default now(),
    unique (atena_no, hmac)
);
comment on table vault.kojin_no is '個人番号（暗号文と照合用 HMAC のみ）';
create unique index kojin_no_of_nobody on vault.kojin_no (hmac) where atena_no is null;
create index kojin_no_hmac on vault.kojin_no (hmac);
grant insert on vault.kojin_no to kokunen_app;
grant select (kojin_id, atena_no, hmac, key_id, recorded_at) on vault.kojin_no to kokunen_app;

-- The one way to a ciphertext: names its purpose, and the record is written before the answer is given.
create function vault.read(p_kojin_id bigint, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_purpose text)
returns table (cipher bytea, key_id text) language plpgsql security definer set search_path = vault, pg_temp as $$
begin
    perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_purpose,
        (select k.atena_no from vault.kojin_no as k where k.kojin_id = p_kojin_id), null, '個人番号参照', 'vault.kojin_no', '{}');
    return query select k.cipher, k.key_id from vault.kojin_no as k where k.kojin_id = p_kojin_id;
end $$;
revoke all on function vault.read from public;
grant execute on function vault.read to kokunen_app;

-- A key file that holds another key than before would encrypt new rows so that no one key opens both, and would match nobody.
create table vault.key_check (
    key_id text primary key,
    proof bytea not null,
    recorded_at timestamptz not null default now()
);
comment on table vault.key_check is '鍵の確認値（鍵そのものは持たない。最初に使ったときに記録し、以後は一致を確かめる）';
comment on column vault.key_check.key_id is '鍵の名前';
comment on column vault.key_check.proof is '定まった文の HMAC-SHA256';
grant select, insert on vault.key_check to kokunen_app;
