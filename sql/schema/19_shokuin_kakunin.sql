-- 本人確認と年次点検: the proofs of who somebody is, log-ins and what failed, and the yearly look at the register.

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

-- decides: what an entry is today (in force, coming, over, asked for, ended), when it was last looked at, whether a whole 年度 has passed
-- since (``overdue``): a grant is a look of two people, a review that named the entry is one
create view shokuin.ichiran as
select
    t.*, y.touroku_id is not null and coalesce(t.until_on <= shokuin.today() + 60, false) as expires, '作業者' = any (t.yakuwari) as contractor,
    case
        when t.ended_at is not null then 'ended' when t.granted_at is null then 'asked' when y.touroku_id is not null then 'in_force'
        when t.from_on > shokuin.today() then 'coming' else 'over'
    end as state,
    y.touroku_id is not null and coalesce(r.fiscal_year = shokuin.nendo(shokuin.today()), false) as reviewed,
    y.touroku_id is not null and greatest(
        r.fiscal_year, shokuin.nendo((t.granted_at at time zone 'Asia/Tokyo')::date), shokuin.nendo(t.from_on)
    ) < shokuin.nendo(shokuin.today()) - 1 as overdue
from shokuin.touroku as t left join shokuin.yuukou as y using (touroku_id)
    left join lateral (select max(k.fiscal_year) as fiscal_year from shokuin.tenken as k where t.touroku_id = any (k.tourokus)) as r on true;
comment on view shokuin.ichiran is '職員の登録の一覧（今日の状態、点検）';

-- ---- proofs --------------------------------------------------------------------------------------------------------------------

create function shokuin.typed(p_user text) returns text language sql stable
return encode(sha256(convert_to(coalesce(ledger.person(p_user), '-'), 'UTF8')), 'hex');
comment on function shokuin.typed is '打たれた名前のハッシュ';

-- One try at a time of each name, for as long as the connection holds; whoever waits half a minute is told so.
create function shokuin.turn(p_user text) returns void
language sql security definer set search_path = shokuin, pg_temp set lock_timeout = '30s' as $$
    select pg_advisory_lock(hashtextextended('shokuin ' || shokuin.typed(p_user), 0))
$$;
comment on function shokuin.turn is '同じ名前のログインを一つずつにする';

-- decides: the seconds that somebody has to wait before the next try: doubled with each of the last failures, a quarter of an hour after
-- five; failures before the last log-in, or before the password was set anew, count no more
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
    perform shokuin.event(case when shokuin.may(p_user) then p_user else '（登録のない名前）' end, p_unit, p_terminal, p_why, 'ログイン失敗', 'shokuin');
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
        select from shokuin.ichiran as i where i.person = ledger.person(p_user) and i.state in ('in_force', 'coming')
    ) then
        raise exception 'not registered' using errcode = 'KN013';
    end if;
    if not shokuin.may(p_by) or (ledger.another(p_by, p_user) and not shokuin.is_kanri(p_by)) then
        raise exception 'not an administrator' using errcode = 'KN011';
    end if;
    if p_password_hash is null then
        update shokuin.kakunin set totp_cipher = p_totp_cipher, key_id = p_key_id, totp_step = null where person = ledger.person(p_user);
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

-- ---- the register, as people look at it; its yearly review ---------------------------------------------------------------------------

create function shokuin.listed() returns table (
    touroku_id bigint, user_name text, person text, os_user text, unit text, yakuwari text[], sees_numbers boolean, from_on date, until_on date,
    order_no text, totp boolean, reason text, asked_by text, granted_by text, ended_by text, ended_on date, state text, contractor boolean,
    expires boolean, reviewed boolean, overdue boolean, proof boolean, second boolean
) language sql stable security definer set search_path = shokuin, pg_temp as $$
    select
        i.touroku_id, i.user_name, i.person, i.os_user, i.unit, i.yakuwari, i.sees_numbers, i.from_on, i.until_on, i.order_no, i.totp,
        i.reason, i.asked_by, i.granted_by, i.ended_by, (i.ended_at at time zone 'Asia/Tokyo')::date, i.state, i.contractor, i.expires,
        i.reviewed, i.overdue, k.person is not null, k.totp_cipher is not null
    from shokuin.ichiran as i left join shokuin.kakunin as k using (person) order by i.unit, i.person, i.touroku_id
$$;
comment on function shokuin.listed is '職員の登録の一覧';

create function shokuin.tenken_hash(p_unit text) returns text
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select encode(sha256(convert_to(string_agg(
        json_build_array(
            y.touroku_id, y.user_name, y.os_user, y.unit, y.yakuwari, y.sees_numbers, y.from_on, y.until_on, y.order_no, y.totp
        )::text, E'\n' order by y.touroku_id
    ), 'UTF8')), 'hex')
    from shokuin.yuukou as y where y.unit = p_unit
$$;
comment on function shokuin.tenken_hash is '点検する一覧のハッシュ（今日有効な登録）';

-- Signed by an administrator or an approver of the unit, for the list that was looked at; nobody looks at himself alone.
create function shokuin.sign(p_by text, p_listed text, p_hash text, p_reason text, p_unit text, p_terminal text) returns integer
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    seen bigint[] := array(select y.touroku_id from shokuin.yuukou as y where y.unit = p_listed order by y.touroku_id);
begin
    if not (shokuin.is_kanri(p_by) or exists (
        select from shokuin.yuukou as y where y.person = ledger.person(p_by) and y.unit = p_listed and '承認者' = any (y.yakuwari)
    )) then
        raise exception 'neither administrator nor approver of the unit' using errcode = 'KN011';
    end if;
    if seen = '{}' then
        raise exception 'nobody there' using errcode = 'KN013';
    end if;
    if not exists (select from shokuin.yuukou as y where y.unit = p_listed and ledger.another(y.user_name, p_by)) then
        raise exception 'his own entry' using errcode = 'KN016';
    end if;
    if p_hash is distinct from shokuin.tenken_hash(p_listed) then
        raise exception 'not what was looked at' using errcode = 'KN018';
    end if;
    insert into shokuin.tenken (unit, fiscal_year, tourokus, content_hash, signed_by)
    values (p_listed, shokuin.nendo(shokuin.today()), seen, p_hash, p_by) on conflict do nothing;
    perform shokuin.event(p_by, p_unit, p_terminal, p_reason, '職員登録点検', 'shokuin/' || p_listed,
        json_build_object('entries', cardinality(seen), 'content_hash', p_hash));
    return cardinality(seen);
end $$;
comment on function shokuin.sign is '職員登録の点検の署名';

create function shokuin.okure() returns integer
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select count(*)::integer from shokuin.ichiran as i where i.overdue
$$;
comment on function shokuin.okure is '点検の期限が過ぎた登録の数';

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
