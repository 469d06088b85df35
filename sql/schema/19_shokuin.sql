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
    'admin', 'administrator', 'airflow', 'anonymous', 'guest', 'kokunen', 'nobody', 'postgres', 'root', 'scheduler', 'service', 'user'
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

-- decides: which entry of the register is in force today: of one person the last that has begun (one that is granted ahead changes nothing
-- before its first day)
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

-- ---- the register: asked for by one, granted by another, ended by any administrator ------------------------------------------

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
    select audit.append(null, coalesce(y.user_name, p_by), coalesce(y.unit, p_unit), p_terminal, p_reason, null, null, p_operation, p_object,
        p_counts::text)
    from (select 1) as always left join shokuin.yuukou as y on y.person = ledger.person(p_by)
$$;
comment on function shokuin.event is '職員の登録と本人確認の記録';

-- An entry as asked for. Whoever asked before for the same person and was granted nothing has asked for nothing.
create function shokuin.put(p_by text, p_asked_by text, p_entry json, p_reason text) returns bigint
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    e shokuin.touroku := json_populate_record(null::shokuin.touroku, p_entry);
    made bigint;
begin
    lock table shokuin.touroku in share row exclusive mode;
    if exists (select from unnest(e.yakuwari) as y where y not in (select yakuwari from shokuin.yakuwari)) then
        raise exception 'no such role' using errcode = 'KN012';
    end if;
    update shokuin.touroku set ended_by = p_by, ended_at = clock_timestamp()
    where person = ledger.person(e.user_name) and granted_at is null and ended_at is null;
    insert into shokuin.touroku (
        user_name, os_user, unit, yakuwari, sees_numbers, from_on, until_on, order_no, totp, reason, asked_by
    ) values (
        e.user_name, e.os_user, e.unit, e.yakuwari, e.sees_numbers, e.from_on, e.until_on, e.order_no, e.totp, p_reason, p_asked_by
    ) returning touroku_id into made;
    return made;
end $$;
comment on function shokuin.put is '申請された登録';

-- A new entry, or another one for somebody who is there: it changes nothing before it is granted.
create function shokuin.ask(p_by text, p_entry json, p_reason text, p_unit text, p_terminal text) returns bigint
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    made bigint;
begin
    if not shokuin.may(p_by) then
        raise exception 'not registered' using errcode = 'KN010';
    end if;
    made := shokuin.put(p_by, p_by, p_entry, p_reason);
    perform shokuin.event(p_by, p_unit, p_terminal, p_reason, '職員登録申請', 'shokuin/' || made,
        json_build_object('user', p_entry ->> 'user_name', 'yakuwari', p_entry -> 'yakuwari'));
    return made;
end $$;
comment on function shokuin.ask is '職員の登録・変更の申請';

-- By an administrator who neither asked nor is meant. What was granted before for the same days or later ends; what is in force today
-- and begins earlier than a new entry of later days stays until these have come.
create function shokuin.grant_it(
    p_by text, p_user text, p_touroku_id bigint, p_reason text, p_unit text, p_terminal text
) returns bigint language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    asked shokuin.touroku;
begin
    lock table shokuin.touroku in share row exclusive mode;
    if not shokuin.is_kanri(p_by) then
        raise exception 'not an administrator' using errcode = 'KN011';
    end if;
    select * into asked from shokuin.touroku
    where person = ledger.person(p_user) and granted_at is null and ended_at is null
        and touroku_id = coalesce(p_touroku_id, touroku_id);
    if asked.touroku_id is null then
        raise exception 'nothing asked for' using errcode = 'KN013';
    end if;
    if not ledger.another(p_by, asked.asked_by) then
        raise exception 'not another person' using errcode = 'KN002';
    end if;
    if not ledger.another(p_by, asked.user_name) then
        raise exception 'his own entry' using errcode = 'KN016';
    end if;
    if exists (
        select from shokuin.touroku as t
        where t.os_user = asked.os_user and t.person <> asked.person and t.granted_at is not null and t.ended_at is null
            and coalesce(t.until_on, 'infinity') >= shokuin.today()
    ) then
        raise exception 'another person''s user of the system' using errcode = 'KN017';
    end if;
    update shokuin.touroku set ended_by = p_by, ended_at = clock_timestamp()
    where person = asked.person and granted_at is not null and ended_at is null
        and (asked.from_on <= shokuin.today() or from_on >= asked.from_on);
    update shokuin.touroku set granted_by = p_by, granted_at = clock_timestamp() where touroku_id = asked.touroku_id;
    perform shokuin.event(p_by, p_unit, p_terminal, p_reason, '職員登録', 'shokuin/' || asked.touroku_id,
        json_build_object('user', asked.user_name, 'yakuwari', asked.yakuwari, 'asked_by', asked.asked_by));
    return asked.touroku_id;
end $$;
comment on function shokuin.grant_it is '職員の登録の付与（申請者とも本人とも別の管理者）';

-- What was asked for on paper, put in and granted by an administrator at once.
create function shokuin.enter(
    p_by text, p_asked_by text, p_entry json, p_reason text, p_unit text, p_terminal text
) returns bigint language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    made bigint;
begin
    if not shokuin.is_kanri(p_by) then
        raise exception 'not an administrator' using errcode = 'KN011';
    end if;
    if not ledger.another(p_by, p_asked_by) then
        raise exception 'not another person' using errcode = 'KN002';
    end if;
    made := shokuin.put(p_by, p_asked_by, p_entry, p_reason);
    return shokuin.grant_it(p_by, p_entry ->> 'user_name', made, p_reason, p_unit, p_terminal);
end $$;
comment on function shokuin.enter is '書面で申請された職員の登録の付与';

-- Somebody leaves: nothing is granted to him any more, from this moment; whoever is logged in is out.
create function shokuin.finish(p_by text, p_user text, p_reason text, p_unit text, p_terminal text) returns integer
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    ended integer;
begin
    lock table shokuin.touroku in share row exclusive mode;
    if not shokuin.is_kanri(p_by) then
        raise exception 'not an administrator' using errcode = 'KN011';
    end if;
    perform shokuin.event(p_by, p_unit, p_terminal, p_reason, '職員登録終了', 'shokuin/' || coalesce(ledger.person(p_user), '-'));
    update shokuin.touroku set ended_by = p_by, ended_at = clock_timestamp()
    where person = ledger.person(p_user) and ended_at is null;
    get diagnostics ended = row_count;
    if ended = 0 then
        raise exception 'not registered' using errcode = 'KN013';
    end if;
    if not exists (select from shokuin.yuukou as y where shokuin.is_kanri(y.user_name)) then
        raise exception 'the last administrator' using errcode = 'KN014';
    end if;
    delete from shokuin.kakunin where person = ledger.person(p_user);
    update shokuin.kaigi set revoked_at = clock_timestamp() where person = ledger.person(p_user) and revoked_at is null;
    return ended;
end $$;
comment on function shokuin.finish is '職員の登録の終了（ログイン中でも直ちに）';

-- The first administrator, once: the only one whom nobody else granted anything.
create function shokuin.first(p_user text, p_os_user text, p_terminal text) returns bigint
language plpgsql security definer set search_path = shokuin, pg_temp as $$
declare
    made bigint;
begin
    lock table shokuin.touroku in share row exclusive mode;
    if exists (select from shokuin.touroku) then
        raise exception 'there are people already' using errcode = 'KN015';
    end if;
    insert into shokuin.touroku (user_name, os_user, unit, yakuwari, sees_numbers, from_on, totp, reason, asked_by, granted_by, granted_at)
    values (p_user, p_os_user, shokuin.honka(), '{管理者}', false, shokuin.today(), false, '初期設定', '初期設定', p_user, clock_timestamp())
    returning touroku_id into made;
    perform shokuin.event(p_user, shokuin.honka(), p_terminal, '初期設定', '職員登録', 'shokuin/' || made,
        json_build_object('user', p_user, 'yakuwari', array['管理者']));
    return made;
end $$;
comment on function shokuin.first is '最初の管理者（一度だけ）';
