-- 職員: who may act, from when to when, asked for by one and granted by another; the proofs of who they are. History is kept: a row
-- ends, another begins. Every change is a function that writes its event; the roles of the jobs change nothing here.
create schema shokuin;
comment on schema shokuin is '職員の登録と本人確認';

-- The roles of ``mappings/rights.yaml``; ``kokunen init`` writes them.
create table shokuin.yakuwari (yakuwari text primary key);
comment on table shokuin.yakuwari is '職員の役割';
comment on column shokuin.yakuwari.yakuwari is '役割';

-- A name that many share is nobody: nobody can be told by it.
create function shokuin.is_shared(p_name text) returns boolean language sql immutable parallel safe
return coalesce(ledger.person(p_name) in (
    'admin', 'administrator', 'airflow', 'anonymous', 'guest', 'kokunen', 'nobody', 'postgres', 'root', 'scheduler', 'service', 'user'
), true);
comment on function shokuin.is_shared is '共用の名前か（誰でもない）';

create table shokuin.touroku (
    touroku_id bigint generated always as identity primary key,
    user_name text not null check (not shokuin.is_shared(user_name)),
    person text not null generated always as (ledger.person(user_name)) stored,
    os_user text check (os_user is null or not shokuin.is_shared(os_user)),
    unit text not null,
    yakuwari text[] not null check (cardinality(yakuwari) > 0),
    sees_numbers boolean not null,
    from_on date not null,
    until_on date,
    order_no text,
    totp boolean not null,
    reason text not null,
    asked_by text not null,
    asked_at timestamptz not null default clock_timestamp(),
    granted_by text,
    granted_at timestamptz,
    ended_by text,
    ended_at timestamptz,
    constraint in_order check (until_on is null or from_on <= until_on),
    constraint two_people check (granted_by is null or ledger.another(asked_by, granted_by)),
    constraint contractor check (order_no is not null and until_on is not null or not '作業者' = any (yakuwari)),
    constraint granted check ((granted_by is null) = (granted_at is null)),
    constraint ended check ((ended_by is null) = (ended_at is null))
);
comment on table shokuin.touroku is '職員の登録（申請・付与・終了の履歴）';
comment on column shokuin.touroku.user_name is '職員（画面の利用者名）';
comment on column shokuin.touroku.person is '比較に使う名前';
comment on column shokuin.touroku.os_user is 'OS の利用者名';
comment on column shokuin.touroku.unit is '部署';
comment on column shokuin.touroku.yakuwari is '役割';
comment on column shokuin.touroku.sees_numbers is '個人番号を見られる';
comment on column shokuin.touroku.from_on is '有効期間の初日';
comment on column shokuin.touroku.until_on is '有効期間の末日';
comment on column shokuin.touroku.order_no is '委託の契約・指示の番号';
comment on column shokuin.touroku.totp is '二つ目の確認（TOTP）を求める';
comment on column shokuin.touroku.reason is '理由';
comment on column shokuin.touroku.asked_by is '申請した職員';
comment on column shokuin.touroku.granted_by is '付与した職員';
comment on column shokuin.touroku.ended_by is '終わらせた職員';
create unique index touroku_in_force on shokuin.touroku (person) where granted_at is not null and ended_at is null;
create unique index touroku_asked on shokuin.touroku (person) where granted_at is null and ended_at is null;
create unique index touroku_os_user on shokuin.touroku (os_user) where granted_at is not null and ended_at is null;

create view shokuin.yuukou as
select t.* from shokuin.touroku as t
where t.granted_at is not null and t.ended_at is null
    and (now() at time zone 'Asia/Tokyo')::date between t.from_on and coalesce(t.until_on, 'infinity');
comment on view shokuin.yuukou is '今日有効な職員';

-- decides: whether somebody is in force today, and in this role (null: in any)
create function shokuin.may(p_user text, p_yakuwari text default null) returns boolean
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select exists (
        select from shokuin.yuukou as y
        where y.person = ledger.person(p_user) and (p_yakuwari is null or p_yakuwari = any (y.yakuwari))
    )
$$;
comment on function shokuin.may is 'その職員が今日有効で、その役割を持つか';

-- What somebody has to prove himself by. The pages have the same password (``dags/access.py``).
create table shokuin.kakunin (
    person text primary key,
    password_hash text not null,
    totp_cipher bytea,
    key_id text,
    set_at timestamptz not null default clock_timestamp()
);
comment on table shokuin.kakunin is '本人確認の手段（パスワードのハッシュ、TOTP の鍵の暗号文）';

create table shokuin.kaigi (
    token_hash bytea primary key,
    person text not null,
    user_name text not null,
    terminal text not null,
    began_at timestamptz not null default clock_timestamp(),
    ends_at timestamptz not null,
    revoked_at timestamptz
);
comment on table shokuin.kaigi is 'ログイン（トークンのハッシュ、期限）';

create table shokuin.shippai (
    shippai_id bigint generated always as identity primary key,
    person text not null,
    terminal text not null,
    at timestamptz not null default clock_timestamp()
);
comment on table shokuin.shippai is 'ログインの失敗';
create index shippai_of on shokuin.shippai (person, at);

create table shokuin.tenken (
    tenken_id bigint generated always as identity primary key,
    unit text not null,
    fiscal_year integer not null,
    tourokus bigint[] not null,
    content_hash text not null,
    signed_by text not null,
    signed_at timestamptz not null default clock_timestamp(),
    unique (unit, fiscal_year)
);
comment on table shokuin.tenken is '職員登録の年次点検（確認した登録と署名）';

-- ---- the register: asked for by one, granted by another, ended by any administrator ------------------------------------------

create function shokuin.is_kanri(p_by text) returns boolean
language sql stable security definer set search_path = shokuin, pg_temp as $$ select shokuin.may(p_by, '管理者') $$;

-- A new entry, or another one for somebody who is there: it changes nothing before it is granted. The one that was asked for before
-- and not granted ends.
create function shokuin.ask(
    p_by text, p_user text, p_os_user text, p_unit text, p_yakuwari text[], p_sees_numbers boolean, p_from_on date, p_until_on date,
    p_order_no text, p_totp boolean, p_reason text, p_by_unit text, p_terminal text
) returns bigint language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    made bigint;
begin
    if not shokuin.may(p_by) and (select count(*) from shokuin.yuukou) > 1 then  -- the second person's paper: nobody else is registered yet
        raise exception 'not registered' using errcode = 'KN010';
    end if;
    if exists (select from unnest(p_yakuwari) as y where y not in (select yakuwari from shokuin.yakuwari)) then
        raise exception 'no such role' using errcode = 'KN012';
    end if;
    update shokuin.touroku set ended_by = p_by, ended_at = clock_timestamp()
    where person = ledger.person(p_user) and granted_at is null and ended_at is null;
    insert into shokuin.touroku (
        user_name, os_user, unit, yakuwari, sees_numbers, from_on, until_on, order_no, totp, reason, asked_by
    ) values (
        p_user, p_os_user, p_unit, p_yakuwari, p_sees_numbers, p_from_on, p_until_on, p_order_no, p_totp, p_reason, p_by
    ) returning touroku_id into made;
    perform audit.append(null, p_by, p_by_unit, p_terminal, p_reason, null, null, '職員登録申請', 'shokuin/' || made,
        json_build_object('user', p_user, 'yakuwari', p_yakuwari)::text);
    return made;
end $$;
comment on function shokuin.ask is '職員の登録・変更の申請';

create function shokuin.grant_it(p_by text, p_user text, p_reason text, p_by_unit text, p_terminal text) returns bigint
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    asked shokuin.touroku;
begin
    if not shokuin.is_kanri(p_by) then
        raise exception 'not an administrator' using errcode = 'KN011';
    end if;
    select * into asked from shokuin.touroku
    where person = ledger.person(p_user) and granted_at is null and ended_at is null for update;
    if asked.touroku_id is null then
        raise exception 'nothing asked for' using errcode = 'KN013';
    end if;
    if not ledger.another(p_by, asked.asked_by) then
        raise exception 'not another person' using errcode = 'KN002';
    end if;
    update shokuin.touroku set ended_by = p_by, ended_at = clock_timestamp()
    where person = asked.person and granted_at is not null and ended_at is null;
    update shokuin.touroku set granted_by = p_by, granted_at = clock_timestamp() where touroku_id = asked.touroku_id;
    perform audit.append(null, p_by, p_by_unit, p_terminal, p_reason, null, null, '職員登録', 'shokuin/' || asked.touroku_id,
        json_build_object('user', asked.user_name, 'yakuwari', asked.yakuwari, 'asked_by', asked.asked_by)::text);
    return asked.touroku_id;
end $$;
comment on function shokuin.grant_it is '職員の登録の付与（申請者とは別の管理者）';

-- Somebody leaves: nothing is granted to him any more, from this moment; whoever is logged in is out.
create function shokuin.finish(p_by text, p_user text, p_reason text, p_by_unit text, p_terminal text) returns integer
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    ended integer;
begin
    if not shokuin.is_kanri(p_by) then
        raise exception 'not an administrator' using errcode = 'KN011';
    end if;
    update shokuin.touroku set ended_by = p_by, ended_at = clock_timestamp()
    where person = ledger.person(p_user) and ended_at is null;
    get diagnostics ended = row_count;
    if ended = 0 then
        raise exception 'not registered' using errcode = 'KN013';
    end if;
    if not exists (select from shokuin.yuukou where '管理者' = any (yakuwari)) then
        raise exception 'the last administrator' using errcode = 'KN014';
    end if;
    delete from shokuin.kakunin where person = ledger.person(p_user);
    update shokuin.kaigi set revoked_at = clock_timestamp() where person = ledger.person(p_user) and revoked_at is null;
    perform audit.append(null, p_by, p_by_unit, p_terminal, p_reason, null, null, '職員登録終了', 'shokuin/' || ledger.person(p_user),
        json_build_object('rows', ended)::text);
    return ended;
end $$;
comment on function shokuin.finish is '職員の登録の終了（ログイン中でも直ちに）';

-- The first administrator, once: the only one whom nobody else granted anything.
create function shokuin.first(p_user text, p_os_user text, p_unit text, p_terminal text) returns bigint
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    made bigint;
begin
    if exists (select from shokuin.touroku) then
        raise exception 'there are people already' using errcode = 'KN015';
    end if;
    insert into shokuin.touroku (user_name, os_user, unit, yakuwari, sees_numbers, from_on, totp, reason, asked_by, granted_by, granted_at)
    values (p_user, p_os_user, p_unit, '{管理者}', false, (now() at time zone 'Asia/Tokyo')::date, false, '初期設定', '初期設定', p_user,
        clock_timestamp())
    returning touroku_id into made;
    perform audit.append(null, p_user, p_unit, p_terminal, '初期設定', null, null, '職員登録', 'shokuin/' || made,
        json_build_object('user', p_user, 'yakuwari', array['管理者'])::text);
    return made;
end $$;
comment on function shokuin.first is '最初の管理者（一度だけ）';

-- ---- proofs --------------------------------------------------------------------------------------------------------------------

-- Seconds that somebody has to wait before the next try: doubled with each of the last failures, a quarter of an hour after five.
create function shokuin.machi(p_user text) returns integer
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select coalesce(greatest(0, ceil(extract(epoch from max(s.at) - clock_timestamp())
        + case when count(*) >= 5 then 900 else 2 ^ (count(*) - 1) end))::integer, 0)
    from shokuin.shippai as s
    where s.person = coalesce(ledger.person(p_user), '-') and s.at > clock_timestamp() - interval '15 minutes'
        and s.at > coalesce((select max(k.began_at) from shokuin.kaigi as k where k.person = ledger.person(p_user)), '-infinity')
$$;
comment on function shokuin.machi is '次に試せるまでの秒数';

create function shokuin.failed(p_user text, p_unit text, p_terminal text, p_why text) returns void
language plpgsql security definer set search_path = shokuin, pg_temp as $$
begin
    insert into shokuin.shippai (person, terminal) values (coalesce(ledger.person(p_user), '-'), p_terminal);
    perform audit.append(null, case when shokuin.may(p_user) then p_user else '（登録のない名前）' end, p_unit, p_terminal, p_why, null,
        null, 'ログイン失敗', 'shokuin', '{}');
end $$;
comment on function shokuin.failed is 'ログインの失敗を記録する';

create function shokuin.log_in(p_user text, p_unit text, p_terminal text, p_token_hash bytea, p_hours integer) returns timestamptz
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    until timestamptz := clock_timestamp() + make_interval(hours => p_hours);
begin
    if not shokuin.may(p_user) then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
    insert into shokuin.kaigi (token_hash, person, user_name, terminal, ends_at)
    select p_token_hash, y.person, y.user_name, p_terminal, until from shokuin.yuukou as y where y.person = ledger.person(p_user);
    perform audit.append(null, p_user, p_unit, p_terminal, 'ログイン', null, null, 'ログイン', 'shokuin', '{}');
    return until;
end $$;
comment on function shokuin.log_in is 'ログイン（本人確認の後）';

create function shokuin.log_out(p_token_hash bytea) returns integer
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    ended integer;
begin
    update shokuin.kaigi set revoked_at = clock_timestamp() where token_hash = p_token_hash and revoked_at is null;
    get diagnostics ended = row_count;
    return ended;
end $$;
comment on function shokuin.log_out is 'ログアウト';

-- Whose token this is: nothing when its time has passed, it was taken back, or its owner is not in force any more.
create function shokuin.who(p_token_hash bytea) returns text
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select y.user_name from shokuin.kaigi as k join shokuin.yuukou as y using (person)
    where k.token_hash = p_token_hash and k.revoked_at is null and k.ends_at > clock_timestamp()
$$;
comment on function shokuin.who is 'トークンの持ち主';

create function shokuin.who_is(p_os_user text) returns text
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select y.user_name from shokuin.yuukou as y where y.os_user = p_os_user
$$;
comment on function shokuin.who_is is 'OS の利用者である職員';

create function shokuin.set_kakunin(
    p_by text, p_user text, p_password_hash text, p_totp_cipher bytea, p_key_id text, p_reason text, p_unit text, p_terminal text
) returns void language plpgsql security definer set search_path = shokuin, pg_temp as $$
begin
    if not shokuin.may(p_user) then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
    if ledger.another(p_by, p_user) and not shokuin.is_kanri(p_by) then
        raise exception 'not an administrator' using errcode = 'KN011';
    end if;
    insert into shokuin.kakunin (person, password_hash, totp_cipher, key_id)
    values (ledger.person(p_user), p_password_hash, p_totp_cipher, p_key_id)
    on conflict (person) do update set password_hash = excluded.password_hash, totp_cipher = excluded.totp_cipher,
        key_id = excluded.key_id, set_at = clock_timestamp();
    update shokuin.kaigi set revoked_at = clock_timestamp() where person = ledger.person(p_user) and revoked_at is null;
    perform audit.append(null, p_by, p_unit, p_terminal, p_reason, null, null, '本人確認設定', 'shokuin/' || ledger.person(p_user),
        json_build_object('totp', p_totp_cipher is not null)::text);
end $$;
comment on function shokuin.set_kakunin is 'パスワード・TOTP の設定（本人か管理者）';

create function shokuin.kakunin_of(p_user text)
returns table (password_hash text, totp_cipher bytea, key_id text, totp boolean, user_name text)
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select k.password_hash, k.totp_cipher, k.key_id, y.totp, y.user_name
    from shokuin.yuukou as y join shokuin.kakunin as k using (person) where y.person = ledger.person(p_user)
$$;
comment on function shokuin.kakunin_of is '本人確認の手段（照合する者だけが読む）';

create function shokuin.refused(p_user text, p_unit text, p_terminal text, p_act text, p_why text) returns bigint
language sql security definer set search_path = shokuin, pg_temp as $$
    select audit.append(null, p_user, p_unit, p_terminal, p_why, null, null, '拒否', p_act, '{}')
$$;
comment on function shokuin.refused is '認められていない操作の記録';

do $$
declare
    f regprocedure;
begin
    for f in select p.oid::regprocedure from pg_proc as p where p.pronamespace = 'shokuin'::regnamespace loop
        execute format('revoke all on function %s from public', f);
    end loop;
end $$;

-- A run is somebody's who is in force, or the scheduler's own.
create function ledger.run_by() returns trigger language plpgsql as $$
begin
    if new.user_name <> 'airflow' and not shokuin.may(new.user_name) then
        raise exception 'not registered' using errcode = 'KN010';
    end if;
    return new;
end $$;
revoke all on function ledger.run_by from public;
create trigger run_by before insert on ledger.run for each row execute function ledger.run_by();
