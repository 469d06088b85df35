-- 職員: who may act, from when to when, asked for by one and granted by another; the proofs of who they are. History is kept: a row
-- ends, another begins. Every change is a function that writes its event; the roles of the jobs change nothing here.
create schema shokuin;
comment on schema shokuin is '職員の登録と本人確認';

-- The roles of ``mappings/rights.yaml``; ``kokunen init`` writes them.
create table shokuin.yakuwari (yakuwari text primary key);
comment on table shokuin.yakuwari is '職員の役割';
comment on column shokuin.yakuwari.yakuwari is '役割';

-- A name that many share is nobody: nobody can be told by it.
create function shokuin.is_shared(p_name text) returns boolean language sql immutable parallel safe security definer
return coalesce(ledger.person(p_name) in (
    'admin', 'administrator', 'airflow', 'anonymous', 'guest', 'kokunen', 'nobody', 'postgres', 'root', 'scheduler', 'service',
    'user'
), true);
comment on function shokuin.is_shared is '共用の名前か（誰でもない）';

create function shokuin.today() returns date language sql stable return (now() at time zone 'Asia/Tokyo')::date;
comment on function shokuin.today is '今日';

-- The only section that grants and takes back (P64).
create function shokuin.honka() returns text language sql immutable parallel safe return '国民年金・福祉医療課';
comment on function shokuin.honka is '職員の登録を受け持つ課';

create function shokuin.nendo(p_on date) returns integer language sql immutable parallel safe
return extract(year from p_on - interval '3 months')::integer;
comment on function shokuin.nendo is '年度（4月から）';

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
create unique index touroku_in_force on shokuin.touroku (person, from_on) where granted_at is not null and ended_at is null;
create unique index touroku_asked on shokuin.touroku (person) where granted_at is null and ended_at is null;

-- decides: which entry of the register is in force today: of one person the last that has begun
-- (one that is granted ahead changes nothing before its first day)
create view shokuin.yuukou as
select t.* from shokuin.touroku as t
where t.granted_at is not null and t.ended_at is null and shokuin.today() between t.from_on and coalesce(t.until_on, 'infinity')
    and not exists (
        select from shokuin.touroku as n
        where n.person = t.person and n.granted_at is not null and n.ended_at is null and n.from_on > t.from_on
            and n.from_on <= shokuin.today()
    );
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
    totp_step bigint,
    set_at timestamptz not null default clock_timestamp()
);
comment on table shokuin.kakunin is '本人確認の手段（パスワードのハッシュ、TOTP の鍵の暗号文）';
comment on column shokuin.kakunin.totp_step is '最後に使われた番号の時刻（30秒単位）。同じ番号は二度使えない';

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
comment on column shokuin.shippai.person is '打たれた名前のハッシュ（名前の代わりにパスワードが打たれることもある）';
create index shippai_of on shokuin.shippai (person, at);

create table shokuin.tenken (
    tenken_id bigint generated always as identity primary key,
    unit text not null,
    fiscal_year integer not null,
    tourokus bigint[] not null,
    content_hash text not null,
    signed_by text not null,
    signed_at timestamptz not null default clock_timestamp(),
    unique (unit, fiscal_year, content_hash)
);
comment on table shokuin.tenken is '職員登録の年次・随時の点検（確認した登録と署名）';

-- An administrator of the section that grants.
create function shokuin.is_kanri(p_by text) returns boolean
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select exists (
        select from shokuin.yuukou as y
        where y.person = ledger.person(p_by) and '管理者' = any (y.yakuwari) and y.unit = shokuin.honka()
    )
$$;
comment on function shokuin.is_kanri is '職員を登録できる管理者か（P64）';

-- The record of what somebody did here: name and unit as the register has them, not as they were typed.
create function shokuin.event(
    p_by text, p_unit text, p_terminal text, p_reason text, p_operation text, p_object text, p_counts json default '{}'
) returns bigint language sql security definer set search_path = shokuin, pg_temp as $$
    select audit.append(
        null, coalesce(y.user_name, p_by), coalesce(y.unit, p_unit), p_terminal, p_reason, null, null, p_operation, p_object,
        p_counts::text
    )
    from (select 1) as always left join shokuin.yuukou as y on y.person = ledger.person(p_by)
$$;
comment on function shokuin.event is '職員の登録と本人確認の記録';

-- ---- proofs ------------------------------------------------------------------------------------------------------

create function shokuin.typed(p_user text) returns text language sql stable
return encode(sha256(convert_to(coalesce(ledger.person(p_user), '-'), 'UTF8')), 'hex');
comment on function shokuin.typed is '打たれた名前のハッシュ';

-- One try at a time of each name, for as long as the connection holds; whoever waits half a minute is told so.
create function shokuin.turn(p_user text) returns void
language sql security definer set search_path = shokuin, pg_temp set lock_timeout = '30s' as $$
    select pg_advisory_lock(hashtextextended('shokuin ' || shokuin.typed(p_user), 0))
$$;
comment on function shokuin.turn is '同じ名前のログインを一つずつにする';

-- decides: the seconds that somebody has to wait before the next try
-- Doubled with each of the last failures, a quarter of an hour after five; failures before the last log-in, or before the
-- password was set anew, count no more.
create function shokuin.machi(p_user text) returns integer
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select coalesce(greatest(0, ceil(extract(epoch from max(s.at) - clock_timestamp())
        + case when count(*) >= 5 then 900 else 2 ^ (count(*) - 1) end))::integer, 0)
    from shokuin.shippai as s
    where s.person = shokuin.typed(p_user) and s.at > clock_timestamp() - interval '15 minutes' and s.at > greatest(
        (select max(k.began_at) from shokuin.kaigi as k where k.person = ledger.person(p_user)),
        (select k.set_at from shokuin.kakunin as k where k.person = ledger.person(p_user)), '-infinity'
    )
$$;
comment on function shokuin.machi is '次に試せるまでの秒数';

create function shokuin.failed(p_user text, p_unit text, p_terminal text, p_why text) returns void
language plpgsql security definer set search_path = shokuin, pg_temp as $$
begin
    insert into shokuin.shippai (person, terminal) values (shokuin.typed(p_user), p_terminal);
    perform shokuin.event(
        case when shokuin.may(p_user) then p_user else '（登録のない名前）' end, p_unit, p_terminal, p_why, 'ログイン失敗', 'shokuin'
    );
end $$;
comment on function shokuin.failed is 'ログインの失敗を記録する';

-- decides: whether a number of the second factor may be used: each once, and none after a later one
create function shokuin.use_step(p_user text, p_step bigint) returns boolean
language plpgsql security definer set search_path = shokuin, pg_temp as $$
begin
    update shokuin.kakunin set totp_step = p_step where person = ledger.person(p_user) and coalesce(totp_step, -1) < p_step;
    return found;
end $$;
comment on function shokuin.use_step is '二つ目の確認の番号を使う（同じ番号は一度だけ）';

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
    perform shokuin.event(p_user, p_unit, p_terminal, 'ログイン', 'ログイン', 'shokuin');
    return until;
end $$;
comment on function shokuin.log_in is 'ログイン（本人確認の後）';

create function shokuin.log_out(p_token_hash bytea, p_unit text, p_terminal text) returns integer
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    whose text;
begin
    update shokuin.kaigi set revoked_at = clock_timestamp() where token_hash = p_token_hash and revoked_at is null
    returning user_name into whose;
    if whose is null then
        return 0;
    end if;
    perform shokuin.event(whose, p_unit, p_terminal, 'ログアウト', 'ログアウト', 'shokuin');
    return 1;
end $$;
comment on function shokuin.log_out is 'ログアウト';

-- decides: whose token this is: nobody's when its time has passed, it was taken back, or its owner is not in force any more
create function shokuin.who(p_token_hash bytea) returns text
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select y.user_name from shokuin.kaigi as k join shokuin.yuukou as y using (person)
    where k.token_hash = p_token_hash and k.revoked_at is null and k.ends_at > clock_timestamp()
$$;
comment on function shokuin.who is 'トークンの持ち主';

-- Nobody, where it is not one person.
create function shokuin.who_is(p_os_user text) returns text
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select min(y.user_name) from shokuin.yuukou as y
    where y.os_user = p_os_user and not shokuin.is_shared(y.os_user) having count(*) = 1
$$;
comment on function shokuin.who_is is 'OS の利用者である職員';

-- By himself or an administrator, for whoever is granted something now or later. What is null stays as it is.
create function shokuin.set_kakunin(
    p_by text, p_user text, p_password_hash text, p_totp_cipher bytea, p_key_id text, p_reason text, p_unit text, p_terminal text
) returns void language plpgsql security definer set search_path = shokuin, pg_temp as $$
begin
    if not exists (
        select from shokuin.touroku as t
        where t.person = ledger.person(p_user) and t.granted_at is not null and t.ended_at is null
            and coalesce(t.until_on, 'infinity') >= shokuin.today()
    ) then
        raise exception 'not registered' using errcode = 'KN013';
    end if;
    if not shokuin.may(p_by) or (ledger.another(p_by, p_user) and not shokuin.is_kanri(p_by)) then
        raise exception 'not an administrator' using errcode = 'KN011';
    end if;
    if p_password_hash is null then
        update shokuin.kakunin set totp_cipher = p_totp_cipher, key_id = p_key_id, totp_step = null
        where person = ledger.person(p_user);
        if not found then
            raise exception 'no password yet' using errcode = 'KN013';
        end if;
    else
        insert into shokuin.kakunin as k (person, password_hash, totp_cipher, key_id)
        values (ledger.person(p_user), p_password_hash, p_totp_cipher, p_key_id)
        on conflict (person) do update set password_hash = excluded.password_hash, set_at = clock_timestamp(),
            totp_cipher = coalesce(excluded.totp_cipher, k.totp_cipher), key_id = coalesce(excluded.key_id, k.key_id),
            totp_step = case when excluded.totp_cipher is null then k.totp_step end;
    end if;
    update shokuin.kaigi set revoked_at = clock_timestamp() where person = ledger.person(p_user) and revoked_at is null;
    perform shokuin.event(p_by, p_unit, p_terminal, p_reason, '本人確認設定', 'shokuin/' || ledger.person(p_user),
        json_build_object('password', p_password_hash is not null, 'totp', p_totp_cipher is not null));
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
    select shokuin.event(p_user, p_unit, p_terminal, p_why, '拒否', p_act)
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
