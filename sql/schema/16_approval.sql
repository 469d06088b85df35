-- 承認と記録: who is another person; to decide and to read a number is to call a function that leaves its event.

-- One person however the name is spelled: NFKC, without what cannot be seen and without case, characters that look alike in print
-- as one; nothing for what names nobody (blank, or a script that a name is not written in). The same as core/codec/users.py.
create function ledger.person(p_name text) returns text language sql immutable parallel safe as $$
    select case when seen ~ (
        '^[\u0021-\u007e\u3005-\u3007\u3041-\u3096\u30a1-\u30fc\u3400-\u4dbf\u4e00-\u9fff\ue000-\ufaff\U00020000-\U0003ffff]+$'
    ) then translate(lower(seen), 'カエオタチトニハヘベペロー一', '力工才夕千卜二八へべぺ口--') end
    from (select regexp_replace(normalize(p_name, nfkc),
        '[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f'
        '\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]', '', 'g') as seen) as s
$$;
comment on function ledger.person is '職員の名前の比較に使う形（名前でないものは空）';
revoke all on function ledger.person from public;
grant execute on function ledger.person to kokunen_app;

-- Nobody is another person than somebody who cannot be told.
create function ledger.another(p_one text, p_other text) returns boolean language sql immutable parallel safe
return coalesce(ledger.person(p_one) <> ledger.person(p_other), false);
comment on function ledger.another is '別の職員か（どちらかが名前でなければ偽）';
revoke all on function ledger.another from public;
grant execute on function ledger.another to kokunen_app;

-- An intake is confirmed by another person in the same sense. What was generated becomes a column that a trigger fills; rows of
-- before follow it too.
alter table pension.uketsuke alter column kakunin_flag drop expression;
create function pension.kakunin() returns trigger language plpgsql as $$
begin
    new.kakunin_flag := ledger.another(new.nyuryoku_user, new.kakunin_user);
    return new;
end $$;
revoke all on function pension.kakunin from public;
create trigger kakunin before insert or update of nyuryoku_user, kakunin_user, kakunin_flag on pension.uketsuke
    for each row execute function pension.kakunin();
update pension.uketsuke set kakunin_flag = false where kakunin_flag and not ledger.another(nyuryoku_user, kakunin_user);

-- A decision of before stays as it was made; the next ones are held to this.
alter table ledger.approval drop constraint another_person;
alter table ledger.approval add constraint another_person check (
    decision is null or decision not in ('approved', 'rejected') or checker is null or ledger.another(checker, maker)
) not valid;

-- The jobs put proposals before a second person, and nothing but that: a decision is made by ledger.decide alone.
revoke insert, update on ledger.approval from kokunen_app;
revoke update (decision, checker, decided_at, reason) on ledger.approval from kokunen_app;
grant insert (approval_id, kind, run_id, subject, content_hash, maker, expires_at) on ledger.approval to kokunen_app;

-- The one way to decide: once, in time, by neither the maker nor who started the run that made it (a keyed form has two of them);
-- its event is written with it. A withdrawal needs no second person.
create function ledger.decide(
    p_approval_id bigint, p_decision text, p_user text, p_reason text, p_run_id uuid, p_unit text, p_terminal text,
    p_atena_no text default null, p_shimei4 bytea default null
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    a ledger.approval;
    started_by text;
begin
    select * into a from ledger.approval where approval_id = p_approval_id for update;
    if a.approval_id is null or a.decision is not null or p_decision is null then
        raise exception 'decided already' using errcode = 'KN001';
    end if;
    select user_name into started_by from ledger.run where run_id = a.run_id;
    if p_decision in ('approved', 'rejected')
        and not (ledger.another(p_user, a.maker) and ledger.another(p_user, started_by)) then
        raise exception 'not another person' using errcode = 'KN002';
    end if;
    if p_decision = 'approved' and a.expires_at < now() then
        raise exception 'its term has ended' using errcode = 'KN003';
    end if;
    update ledger.approval set decision = p_decision, decided_at = now(), reason = p_reason,
        checker = case when p_decision <> 'withdrawn' then p_user end
    where approval_id = p_approval_id;
    return audit.append(
        coalesce(p_run_id, a.run_id), p_user, p_unit, p_terminal,
        coalesce(p_reason, (select r.reason from ledger.run as r where r.run_id = coalesce(p_run_id, a.run_id)), ''),
        p_atena_no, p_shimei4,
        case p_decision when 'approved' then '承認' when 'rejected' then '否認' when 'superseded' then '失効' else '起案取下げ' end,
        'approval/' || p_approval_id,
        json_build_object('maker', a.maker, 'content_hash', a.content_hash)::text
    );
end $$;
comment on function ledger.decide is '決裁・取下げ（記録とともに一度だけ）';
revoke all on function ledger.decide from public;
grant execute on function ledger.decide to kokunen_app;

-- The text that is hashed: an event of version 2 is a JSON array, in which no field can be cut in another place; those of before
-- stay the fields joined by U+001F. The first begins with a bracket, the second with a digit.
alter table audit.event add column version smallint not null default 1;
comment on column audit.event.version is '記録の書式（1: U+001F で区切る、2: JSON）';
create or replace function audit.canonical(e audit.event) returns text language sql stable as $$
    select case e.version
        when 1 then concat_ws(E'\x1f', e.event_id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            e.user_name, e.unit, e.terminal, e.reason, coalesce(e.run_id::text, ''), coalesce(e.atena_no, ''),
            coalesce(encode(e.shimei4, 'hex'), ''), e.operation, e.object, e.counts)
        else json_build_array(e.version, e.event_id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            e.user_name, e.unit, e.terminal, e.reason, e.run_id, e.atena_no, encode(e.shimei4, 'hex'), e.operation, e.object,
            e.counts)::text
    end
$$;

create or replace function audit.append(
    p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text, p_atena_no text, p_shimei4 bytea,
    p_operation text, p_object text, p_counts text
) returns bigint language plpgsql security definer set search_path = audit, pg_temp as $$
declare
    head audit.head;
    e audit.event;
begin
    select * into strict head from audit.head for update;
    e.event_id := head.event_id + 1;
    e.at := clock_timestamp();
    e.user_name := p_user; e.unit := p_unit; e.terminal := p_terminal; e.reason := p_reason;
    e.run_id := p_run_id; e.atena_no := p_atena_no; e.shimei4 := p_shimei4;
    e.operation := p_operation; e.object := p_object; e.counts := p_counts;
    e.version := 2;
    e.prev_hash := head.hash;
    e.hash := sha256(head.hash || convert_to(audit.canonical(e), 'UTF8'));
    insert into audit.event select e.*;
    update audit.head set event_id = e.event_id, hash = e.hash;
    return e.event_id;
end $$;

-- A number is asked for first: its event and this row. It is read in a later transaction, when the event can no longer be undone;
-- asked_in is the transaction, also inside a savepoint.
create table vault.reading (
    event_id bigint primary key references audit.event,
    kojin_id bigint not null,
    purpose text not null,
    asked_in xid8 not null default pg_current_xact_id(),
    asked_at timestamptz not null default clock_timestamp(),
    read_at timestamptz
);
comment on table vault.reading is '個人番号の参照（記録が確定してから一度だけ読める）';
comment on column vault.reading.event_id is '記録';
comment on column vault.reading.purpose is '目的';
comment on column vault.reading.asked_in is '記録したトランザクション';
comment on column vault.reading.read_at is '読んだ日時';

create function vault.ask(p_kojin_id bigint, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_purpose text)
returns bigint language plpgsql security definer set search_path = vault, pg_temp as $$
declare
    recorded bigint;
begin
    recorded := audit.append(p_run_id, p_user, p_unit, p_terminal, p_purpose,
        (select k.atena_no from vault.kojin_no as k where k.kojin_id = p_kojin_id), null, '個人番号参照', 'vault.kojin_no', '{}');
    insert into vault.reading (event_id, kojin_id, purpose) values (recorded, p_kojin_id, p_purpose);
    return recorded;
end $$;
comment on function vault.ask is '個人番号の参照を記録する（読む前に確定させる）';
revoke all on function vault.ask from public;
grant execute on function vault.ask to kokunen_app;

-- The one way to a ciphertext: the event of another, committed transaction, for this purpose, of the last hour, not read yet.
drop function vault.read(bigint, uuid, text, text, text, text);
create function vault.read(p_event_id bigint, p_purpose text)
returns table (cipher bytea, key_id text) language plpgsql security definer set search_path = vault, pg_temp as $$
declare
    wanted bigint;
begin
    update vault.reading as r set read_at = clock_timestamp()
    where r.event_id = p_event_id and r.purpose = p_purpose and r.read_at is null and r.asked_in <> pg_current_xact_id()
        and r.asked_at > clock_timestamp() - interval '1 hour'
    returning r.kojin_id into wanted;
    if not found then
        raise exception 'no record of this reading' using errcode = 'KN004';
    end if;
    return query select k.cipher, k.key_id from vault.kojin_no as k where k.kojin_id = wanted;
end $$;
comment on function vault.read is '個人番号の暗号文（確定した記録と引換えに一度だけ）';
revoke all on function vault.read from public;
grant execute on function vault.read to kokunen_app;
