-- 職員の登録: asked for by one, granted by another, ended by any administrator of the section; how people look at the register, and
-- how it is looked through every year. Every change is a function that writes its event.

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
        e.user_name, e.os_user, e.unit, e.yakuwari, e.sees_numbers, e.from_on, e.until_on, e.order_no, e.totp, p_reason,
        p_asked_by
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

-- By an administrator who neither asked nor is meant. What was granted before for the same days or later ends; what is in force
-- today stays until the first day of a new entry that is granted ahead.
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
    insert into shokuin.touroku (
        user_name, os_user, unit, yakuwari, sees_numbers, from_on, totp, reason, asked_by, granted_by, granted_at
    ) values (
        p_user, p_os_user, shokuin.honka(), '{管理者}', false, shokuin.today(), false, '初期設定', '初期設定', p_user,
        clock_timestamp()
    )
    returning touroku_id into made;
    perform shokuin.event(p_user, shokuin.honka(), p_terminal, '初期設定', '職員登録', 'shokuin/' || made,
        json_build_object('user', p_user, 'yakuwari', array['管理者']));
    return made;
end $$;
comment on function shokuin.first is '最初の管理者（一度だけ）';

-- ---- the register, as people look at it; its yearly review ------------------------------------------------------------

-- decides: what an entry is today (in force, coming, over, asked for, ended), and whether nobody has looked at it for a whole 年度
-- A grant is a look of two people; a review that named the entry is one.
create view shokuin.ichiran as
select
    t.*, y.touroku_id is not null and coalesce(t.until_on <= shokuin.today() + 60, false) as expires,
    '作業者' = any (t.yakuwari) as contractor,
    case
        when t.ended_at is not null then 'ended' when t.granted_at is null then 'asked'
        when y.touroku_id is not null then 'in_force'
        when t.from_on > shokuin.today() then 'coming' else 'over'
    end as state,
    y.touroku_id is not null and coalesce(r.fiscal_year = shokuin.nendo(shokuin.today()), false) as reviewed,
    y.touroku_id is not null and greatest(
        r.fiscal_year, shokuin.nendo((t.granted_at at time zone 'Asia/Tokyo')::date), shokuin.nendo(t.from_on)
    ) < shokuin.nendo(shokuin.today()) - 1 as overdue
from shokuin.touroku as t left join shokuin.yuukou as y using (touroku_id)
    left join lateral (
        select max(k.fiscal_year) as fiscal_year from shokuin.tenken as k where t.touroku_id = any (k.tourokus)
    ) as r on true;
comment on view shokuin.ichiran is '職員の登録の一覧（今日の状態、点検）';

create function shokuin.listed() returns table (
    touroku_id bigint, user_name text, person text, os_user text, unit text, yakuwari text[], sees_numbers boolean, from_on date,
    until_on date, order_no text, totp boolean, reason text, asked_by text, granted_by text, ended_by text, ended_on date,
    state text, contractor boolean,
    expires boolean, reviewed boolean, overdue boolean, proof boolean, second boolean
) language sql stable security definer set search_path = shokuin, pg_temp as $$
    select
        i.touroku_id, i.user_name, i.person, i.os_user, i.unit, i.yakuwari, i.sees_numbers, i.from_on, i.until_on, i.order_no,
        i.totp, i.reason, i.asked_by, i.granted_by, i.ended_by, (i.ended_at at time zone 'Asia/Tokyo')::date, i.state,
        i.contractor, i.expires,
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
