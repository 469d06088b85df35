-- 鍵の更新: what is encrypted under the key of 個人番号 or of rows is encrypted anew under a newer one, a batch at a time, by a log-in
-- that can do nothing else. Reading in bulk is recorded and committed first; a key that something needs is never given up.

alter table vault.key_check add column rotated_at timestamptz, add column retired_at timestamptz,
    add column approval_id bigint unique references ledger.approval;
comment on column vault.key_check.rotated_at is 'それまでのものを、この鍵で書き直し終えた日時';
comment on column vault.key_check.retired_at is '鍵を手放した日時（これより後に鍵のファイルを消す）';
comment on column vault.key_check.approval_id is '鍵を手放す承認';

-- One reading in bulk: which ciphertexts, from which key to which; valid in later transactions, for a day.
create table vault.kagi_koushin (
    event_id bigint primary key references audit.event,
    what text not null check (what in ('vault.kojin_no', 'ledger.quarantine', 'shokuin.kakunin')),
    old_key text not null,
    new_key text not null,
    run_id uuid not null references ledger.run,
    asked_in xid8 not null default pg_current_xact_id(),
    asked_at timestamptz not null default clock_timestamp(),
    constraint another_key check (old_key <> new_key and left(old_key, -3) = left(new_key, -3))
);
comment on table vault.kagi_koushin is '鍵の更新（暗号文をまとめて読み、新しい鍵で書く）';
comment on column vault.kagi_koushin.what is '対象';
comment on column vault.kagi_koushin.old_key is '前の鍵';
comment on column vault.kagi_koushin.new_key is '新しい鍵';
comment on column vault.kagi_koushin.asked_in is '記録したトランザクション';

create function vault.kagi_ask(
    p_what text, p_old text, p_new text, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = vault, pg_temp as $$
declare
    recorded bigint;
begin
    if not shokuin.may(p_user) then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
    if (select count(*) from vault.key_check as k where k.key_id in (p_old, p_new) and k.retired_at is null) <> 2 then
        raise exception 'no key in use' using errcode = 'KN031';
    end if;
    recorded := audit.append(p_run_id, p_user, p_unit, p_terminal, '鍵の更新：' || p_reason, null, null, '鍵更新参照', p_what,
        json_build_object('from', p_old, 'to', p_new)::text);
    insert into vault.kagi_koushin (event_id, what, old_key, new_key, run_id) values (recorded, p_what, p_old, p_new, p_run_id);
    return recorded;
end $$;
comment on function vault.kagi_ask is '暗号文をまとめて読むことを記録する（読む前に確定させる）';

create function vault.kagi_of(p_event_id bigint, p_what text) returns vault.kagi_koushin
language plpgsql security definer set search_path = vault, pg_temp as $$
declare
    k vault.kagi_koushin;
begin
    select * into k from vault.kagi_koushin as r
    where r.event_id = p_event_id and r.what = p_what and r.asked_in <> pg_current_xact_id()
        and r.asked_at > clock_timestamp() - interval '1 day';
    if k.event_id is null then
        raise exception 'no record of this reading' using errcode = 'KN004';
    end if;
    return k;
end $$;
comment on function vault.kagi_of is '確定した鍵の更新';

-- What was written anew, with its record, in the transaction that writes.
create function vault.kagi_done(k vault.kagi_koushin, p_rows integer) returns integer
language sql security definer set search_path = vault, pg_temp as $$
    select p_rows from (
        select audit.append(e.run_id, e.user_name, e.unit, e.terminal, e.reason, null, null, '鍵更新', k.what,
            json_build_object('from', k.old_key, 'to', k.new_key, 'rows', p_rows)::text)
        from audit.event as e where e.event_id = k.event_id and p_rows > 0
    ) as recorded union all select 0 where p_rows = 0
$$;
comment on function vault.kagi_done is '鍵の更新の記録';

-- 個人番号: all ciphertexts have one width, so a batch is one value: of each row its number (8 bytes) and the ciphertext.
create function vault.kagi_kojin_no(p_event_id bigint, p_after bigint, p_limit integer) returns bytea
language sql security definer set search_path = vault, pg_temp as $$
    select string_agg(int8send(b.kojin_id) || b.cipher, ''::bytea order by b.kojin_id) from (
        select n.kojin_id, n.cipher from vault.kojin_no as n
        where n.key_id = (select k.old_key from vault.kagi_of(p_event_id, 'vault.kojin_no') as k) and n.kojin_id > p_after
        order by n.kojin_id limit p_limit
    ) as b
$$;
comment on function vault.kagi_kojin_no is '前の鍵の個人番号の暗号文（一まとまり）';

create function vault.kagi_number(p_packed bytea, p_at integer) returns bigint language sql immutable
return ('x' || encode(substring(p_packed from p_at for 8), 'hex'))::bit(64)::bigint;
comment on function vault.kagi_number is '一まとまりの中の番号';

-- The numbers of a batch lie between its first and its last: not the whole vault is looked through for each.
create function vault.kagi_put_kojin_no(p_event_id bigint, p_packed bytea, p_width integer) returns integer
language plpgsql security definer set search_path = vault, pg_temp as $$
declare
    k vault.kagi_koushin := vault.kagi_of(p_event_id, 'vault.kojin_no');
    first_id bigint := vault.kagi_number(p_packed, 1);
    last_id bigint := vault.kagi_number(p_packed, length(p_packed) - p_width + 1);
    written integer;
begin
    update vault.kojin_no as n set cipher = b.cipher, key_id = k.new_key
    from (
        select vault.kagi_number(p_packed, at) as kojin_id, substring(p_packed from at + 8 for p_width - 8) as cipher
        from generate_series(1, length(p_packed), p_width) as at
    ) as b
    where n.kojin_id = b.kojin_id and n.kojin_id between first_id and last_id and n.key_id = k.old_key
        and length(n.cipher) = length(b.cipher);
    get diagnostics written = row_count;
    return vault.kagi_done(k, written);
end $$;
comment on function vault.kagi_put_kojin_no is '個人番号を新しい鍵の暗号文にする';

-- 隔離: a record's ciphertext goes (its period is over) or stays as it is, so its place is enough.
create function vault.kagi_quarantine(p_event_id bigint, p_limit integer)
returns table (file_id bigint, line integer, cipher bytea) language sql security definer set search_path = vault, pg_temp as $$
    select q.file_id, q.line, q.row_cipher from ledger.quarantine as q
    where q.key_id = (select k.old_key from vault.kagi_of(p_event_id, 'ledger.quarantine') as k) and q.row_cipher is not null
    order by q.file_id, q.line limit p_limit
$$;
comment on function vault.kagi_quarantine is '前の鍵の隔離行の暗号文';

create function vault.kagi_put_quarantine(p_event_id bigint, p_files bigint[], p_lines integer[], p_ciphers bytea[])
returns integer language plpgsql security definer set search_path = vault, pg_temp as $$
declare
    k vault.kagi_koushin := vault.kagi_of(p_event_id, 'ledger.quarantine');
    written integer;
begin
    update ledger.quarantine as q set row_cipher = b.cipher, key_id = k.new_key
    from unnest(p_files, p_lines, p_ciphers) as b (file_id, line, cipher)
    where q.file_id = b.file_id and q.line = b.line and q.key_id = k.old_key and q.row_cipher is not null;
    get diagnostics written = row_count;
    return vault.kagi_done(k, written);
end $$;
comment on function vault.kagi_put_quarantine is '隔離行を新しい鍵の暗号文にする';

-- 二つ目の確認: somebody may set another secret meanwhile, so the one that was read must still be there.
create function vault.kagi_kakunin(p_event_id bigint, p_limit integer)
returns table (person text, cipher bytea) language sql security definer set search_path = vault, pg_temp as $$
    select n.person, n.totp_cipher from shokuin.kakunin as n
    where n.key_id = (select k.old_key from vault.kagi_of(p_event_id, 'shokuin.kakunin') as k) and n.totp_cipher is not null
    order by n.person limit p_limit
$$;
comment on function vault.kagi_kakunin is '前の鍵の TOTP の暗号文';

create function vault.kagi_put_kakunin(p_event_id bigint, p_people text[], p_before bytea[], p_ciphers bytea[]) returns integer
language plpgsql security definer set search_path = vault, pg_temp as $$
declare
    k vault.kagi_koushin := vault.kagi_of(p_event_id, 'shokuin.kakunin');
    written integer;
begin
    update shokuin.kakunin as n set totp_cipher = b.cipher, key_id = k.new_key
    from unnest(p_people, p_before, p_ciphers) as b (person, before, cipher)
    where n.person = b.person and n.key_id = k.old_key and n.totp_cipher = b.before;
    get diagnostics written = row_count;
    return vault.kagi_done(k, written);
end $$;
comment on function vault.kagi_put_kakunin is 'TOTP を新しい鍵の暗号文にする';

create function vault.kagi_finish(
    p_new text, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns void language plpgsql security definer set search_path = vault, pg_temp as $$
begin
    update vault.key_check set rotated_at = clock_timestamp() where key_id = p_new and rotated_at is null;
    if found then
        perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '鍵更新', p_new, '{}');
    end if;
end $$;
comment on function vault.kagi_finish is '鍵の更新の終わり';

-- decides: by how many things each key is still needed; those of the chain can never be written anew
create view vault.kagi_youto as
select c.key_id, u.what, u.rewritten, u.n
from vault.key_check as c join (
    select n.key_id, 'vault.kojin_no' as what, true as rewritten, count(*) as n from vault.kojin_no as n group by n.key_id
    union all
    select q.key_id, 'ledger.quarantine', true, count(*)
    from ledger.quarantine as q where q.row_cipher is not null group by q.key_id
    union all
    select k.key_id, 'shokuin.kakunin', true, count(*) from shokuin.kakunin as k where k.totp_cipher is not null group by k.key_id
    union all
    select encode(substring(e.shimei4 for position('\x3a'::bytea in e.shimei4) - 1), 'escape'), 'audit.event', false, count(*)
    from audit.event as e where e.shimei4 is not null group by 1
    union all
    select 'kojin-no-hmac-01', 'vault.kojin_no', false, count(*) from vault.kojin_no having count(*) > 0
) as u using (key_id);
comment on view vault.kagi_youto is '鍵ごとに、まだ要る対象と件数';

create function vault.kagi_listed()
returns table (key_id text, rotated_at timestamptz, retired_at timestamptz, what text, rewritten boolean, n bigint)
language sql stable security definer set search_path = vault, pg_temp as $$
    select c.key_id, c.rotated_at, c.retired_at, u.what, u.rewritten, coalesce(u.n, 0)
    from vault.key_check as c left join vault.kagi_youto as u using (key_id) order by c.key_id, u.what
$$;
comment on function vault.kagi_listed is '鍵の一覧（要る件数）';

-- Since when nothing has been written under a key: the last time that something was written anew from it, or the first use of its
-- next one.
create function vault.kagi_idle_since(p_key_id text) returns timestamptz
language sql stable security definer set search_path = vault, pg_temp as $$
    select greatest(
        (
            select min(k.recorded_at) from vault.key_check as k
            where left(k.key_id, -3) = left(p_key_id, -3) and k.key_id > p_key_id
        ),
        (
            select max(e.at) from audit.event as e where e.operation = '鍵更新' and (
                e.counts::json ->> 'from' = p_key_id
                or e.object > p_key_id and left(e.object, -3) = left(p_key_id, -3)  -- its next ones, made or at their end
            )
        )
    )
$$;
comment on function vault.kagi_idle_since is '最後にその鍵から書き直した日時';

-- What a second person approves: this key, told by the proof that is kept of it.
create function vault.kagi_hash(p_key_id text) returns text
language sql stable security definer set search_path = vault, pg_temp as $$
    select encode(sha256(convert_to('kagi ' || k.key_id, 'UTF8') || k.proof), 'hex')
    from vault.key_check as k where k.key_id = p_key_id
$$;
comment on function vault.kagi_hash is '承認する鍵のハッシュ';

-- decides: whether a key may be given up: nothing needs it, no copy of so many days does, and a newer one has been used since
create function vault.kagi_free(p_key_id text, p_days integer) returns boolean
language sql stable security definer set search_path = vault, pg_temp as $$
    select coalesce(vault.kagi_idle_since(p_key_id) <= clock_timestamp() - make_interval(days => p_days), false)
        and not exists (select from vault.kagi_youto as u where u.key_id = p_key_id)
$$;
comment on function vault.kagi_free is '鍵を手放してよいか';

-- A key is given up by two people. Who writes under it just now is not waited for (55P03: try again); who would write later is
-- refused (kagi_in_use). The file goes after this is committed.
create function vault.kagi_retire(
    p_key_id text, p_approval_id bigint, p_days integer, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns void language plpgsql security definer set search_path = vault, pg_temp as $$
declare
    a ledger.approval;
begin
    lock table vault.kojin_no, ledger.quarantine, shokuin.kakunin, vault.key_check in share row exclusive mode nowait;
    perform 1 from audit.head for update nowait;
    select * into a from ledger.approval where approval_id = p_approval_id;
    if not shokuin.may(p_user) then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
    if (a.kind, a.decision, a.content_hash) is distinct from ('kagi', 'approved', vault.kagi_hash(p_key_id)) then
        raise exception 'not approved' using errcode = 'KN032';
    end if;
    if not vault.kagi_free(p_key_id, p_days) then
        raise exception 'still needed' using errcode = 'KN033';
    end if;
    update vault.key_check set retired_at = clock_timestamp(), approval_id = p_approval_id
    where key_id = p_key_id and retired_at is null;
    if found then
        perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '鍵破棄', p_key_id,
            json_build_object('approval', p_approval_id)::text);
    end if;
end $$;
comment on function vault.kagi_retire is '鍵を手放す（承認済みで、何もその鍵を要しないとき）';

-- Nothing is written under a key that was given up: whoever began before it fails and may try again with a newer one.
create function vault.kagi_in_use() returns trigger
language plpgsql security definer set search_path = vault, pg_temp as $$
begin
    if exists (
        select from (select distinct a.key_id from added as a) as w join vault.key_check as k using (key_id)
        where k.retired_at is not null
    ) then
        raise exception 'a key that was given up' using errcode = 'KN034';
    end if;
    return null;
end $$;
comment on function vault.kagi_in_use is '手放した鍵では書けない';
create trigger kagi_in_use after insert on vault.kojin_no referencing new table as added
    for each statement execute function vault.kagi_in_use();
create trigger kagi_in_use after insert on ledger.quarantine referencing new table as added
    for each statement execute function vault.kagi_in_use();
create trigger kagi_in_use_new after insert on shokuin.kakunin referencing new table as added
    for each statement execute function vault.kagi_in_use();
create trigger kagi_in_use after update on shokuin.kakunin referencing new table as added
    for each statement execute function vault.kagi_in_use();

create function vault.kagi_in_chain() returns trigger
language plpgsql security definer set search_path = vault, pg_temp as $$
begin
    if exists (
        select from vault.key_check as k where k.retired_at is not null
            and k.key_id = encode(substring(new.shimei4 for position('\x3a'::bytea in new.shimei4) - 1), 'escape')
    ) then
        raise exception 'a key that was given up' using errcode = 'KN034';
    end if;
    return new;
end $$;
comment on function vault.kagi_in_chain is '手放した鍵では記録できない';
create trigger kagi_in_chain before insert on audit.event for each row when (new.shimei4 is not null)
    execute function vault.kagi_in_chain();
