-- 記録: append-only, hash-chained, written in the transaction of what it records. hash = sha256(previous hash || canonical text);
-- the canonical text is the fields joined by U+001F, empty = not set, so that a verifier needs nothing but a CSV and sha256.

create table audit.operation (
    operation text primary key
);
comment on table audit.operation is '記録の操作';

create table audit.event (
    event_id bigint primary key,
    at timestamptz not null,
    user_name text not null,
    unit text not null,
    terminal text not null,
    reason text not null,
    run_id uuid,
    atena_no text,
    shimei4 bytea,
    operation text not null references audit.operation,
    object text not null,
    counts text not null default '{}',
    prev_hash bytea not null,
    hash bytea not null
);
comment on table audit.event is '記録: 処理日時・職員・部署・端末・処理事由・宛名番号・4情報（暗号化）・操作・対象・件数';
grant select on audit.event to kokunen_app;

create table audit.head (
    one boolean primary key default true check (one),
    event_id bigint not null,
    hash bytea not null
);
insert into audit.head (event_id, hash) values (0, sha256('kokunen'::bytea));
grant select on audit.head to kokunen_app;

create function audit.canonical(e audit.event) returns text language sql stable as $$
    select concat_ws(E'\x1f', e.event_id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.user_name, e.unit,
        e.terminal, e.reason, coalesce(e.run_id::text, ''), coalesce(e.atena_no, ''), coalesce(encode(e.shimei4, 'hex'), ''),
        e.operation, e.object, e.counts)
$$;
revoke all on function audit.canonical from public;
grant execute on function audit.canonical to kokunen_app;

-- The one way to write a record: the head's row lock puts the events of all sessions into one order.
create function audit.append(
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
    e.prev_hash := head.hash;
    e.hash := sha256(head.hash || convert_to(audit.canonical(e), 'UTF8'));
    insert into audit.event select e.*;
    update audit.head set event_id = e.event_id, hash = e.hash;
    return e.event_id;
end $$;
revoke all on function audit.append from public;
grant execute on function audit.append to kokunen_app;
