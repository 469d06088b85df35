-- 個人番号の保管庫、対象者、異動の提案、確認リスト、住基照会。

-- One row per person and number: AES-256-GCM ciphertext, keyed HMAC-SHA256 for matching, key_id for rotation (spec: 保管庫).
create table vault.kojin_no (
    kojin_id bigint generated always as identity primary key,
    atena_no text not null,
    hmac bytea not null,
    cipher bytea not null,
    key_id text not null,
    recorded_at timestamptz not null default now(),
    unique (atena_no, hmac)
);
comment on table vault.kojin_no is '個人番号（暗号文と照合用 HMAC のみ）';

-- The one way to a ciphertext: names its purpose, and the record is written before the answer is given.
create function vault.read(p_kojin_id bigint, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_purpose text)
returns table (cipher bytea, key_id text) language plpgsql security definer set search_path = vault, pg_temp as $$
begin
    perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_purpose,
        (select k.atena_no from vault.kojin_no as k where k.kojin_id = p_kojin_id), null, '個人番号参照', 'vault.kojin_no', '{}');
    return query select k.cipher, k.key_id from vault.kojin_no as k where k.kojin_id = p_kojin_id;
end $$;

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

create table pension.idou_proposal (
    approval_id bigint primary key references ledger.approval,
    atena_no text not null,
    shikaku_key text not null,
    action text not null check (action in ('loss', 'correct', 'undo')),
    lost_on date,
    soushitsu_jiyu_code text,
    atena_id bigint,
    check ((action = 'undo') = (lost_on is null))
);
comment on table pension.idou_proposal is '異動による資格喪失等の提案';
create index idou_proposal_person on pension.idou_proposal (atena_no);
create index idou_proposal_cause on pension.idou_proposal (atena_id);

create table pension.worklist (
    worklist_id bigint generated always as identity primary key,
    kind text not null check (kind in ('取得候補', '要確認', '住所変更', '氏名変更', '免除再確認')),
    atena_no text not null,
    atena_id bigint not null,
    row_key text not null default '',
    opened_on date not null,
    recorded_at timestamptz not null default now(),
    closed_at timestamptz,
    close_reason text,
    unique (kind, atena_id, row_key)
);
comment on table pension.worklist is '確認リスト';
create index worklist_open on pension.worklist (kind, atena_no) where closed_at is null;

create table pension.juki_shoukai (
    shoukai_no text primary key,
    atena_no text not null,
    shoukai_jiyu_code text not null,
    konkyo_no text,
    run_id uuid not null references ledger.run,
    asked_on date not null,
    recorded_at timestamptz not null default now(),
    answered_by_file bigint,
    answered_at timestamptz
);
comment on table pension.juki_shoukai is '住基照会（問合せと回答の対応）';
create unique index juki_shoukai_open on pension.juki_shoukai (atena_no) where answered_at is null;

-- Who may be held and why (spec: 対象者). Permanent reasons only; kouho has its own table with an end.
create view pension.taisho as
select atena_no, 'hihokensha' as reason from pension.nenkin_kihon
union all select atena_no, 'hihokensha' from pension.shikaku
union all select atena_no, 'jukyuken' from pension.saitei_rorei
union all select atena_no, 'jukyuken' from pension.saitei_shogai
union all select atena_no, 'jukyuken' from pension.saitei_izoku
union all select atena_no, 'jukyuken' from pension.saitei_rofuku
union all select atena_no, 'uketsuke' from pension.uketsuke
union all select setainushi_atena_no, 'setai' from pension.uketsuke where todoke_code in ('41', '42') and setainushi_atena_no is not null
union all select haiguusha_atena_no, 'setai' from pension.uketsuke where todoke_code in ('41', '42') and haiguusha_atena_no is not null;
comment on view pension.taisho is '対象者とその理由';

create index nenkin_kihon_person on pension.nenkin_kihon (atena_no);
create index uketsuke_person on pension.uketsuke (atena_no);
create index uketsuke_setainushi on pension.uketsuke (setainushi_atena_no) where todoke_code in ('41', '42');
create index uketsuke_haiguusha on pension.uketsuke (haiguusha_atena_no) where todoke_code in ('41', '42');
create index saitei_rorei_person on pension.saitei_rorei (atena_no);
create index saitei_shogai_person on pension.saitei_shogai (atena_no);
create index saitei_izoku_person on pension.saitei_izoku (atena_no);
create index saitei_rofuku_person on pension.saitei_rofuku (atena_no);
