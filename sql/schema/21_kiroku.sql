-- 記録の権限: a log-in writes the records of its own purpose by itself, and no others; what tells of a decision, a log-in or a number
-- is written by the function that does it. ``kokunen init`` writes this table from mappings/rights.yaml, as it does all grants.
-- A new function is nobody's until the page names it, also for the moment before its rights are brought.
alter default privileges revoke execute on functions from public;

create table audit.kiroku (
    login text not null,
    operation text not null references audit.operation,
    primary key (login, operation)
);
comment on table audit.kiroku is '役割が自分で書ける記録の操作';
comment on column audit.kiroku.login is '役割';
comment on column audit.kiroku.operation is '操作';

-- Raises 42501, as the server does for a table: it undoes what was to be recorded, and the server's log tells of the try.
create function audit.record(
    p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text, p_atena_no text, p_shimei4 bytea,
    p_operation text, p_object text, p_counts text
) returns bigint language plpgsql security definer set search_path = audit, pg_temp as $$
begin
    if not exists (select from audit.kiroku as k where k.login = session_user and k.operation = p_operation) then
        raise insufficient_privilege using message = 'no operation of this log-in';
    end if;
    return audit.append(
        p_run_id, p_user, p_unit, p_terminal, p_reason, p_atena_no, p_shimei4, p_operation, p_object, p_counts
    );
end $$;
comment on function audit.record is '記録を書く（その役割の操作に限る）';

-- How far the server's own log was read for what it refused (``etl/kyohi.py``); another log begins with another line.
create table audit.yonda (
    one boolean primary key default true check (one),
    first_line text,
    upto bigint not null default 0
);
comment on table audit.yonda is 'サーバーの記録をどこまで読んだか';
comment on column audit.yonda.first_line is '記録の最初の行のハッシュ';
comment on column audit.yonda.upto is '読み終えた位置（バイト）';
insert into audit.yonda default values;

-- What the server refused to a log-in, into the chain, once: whoever read from another place than where the last one stopped adds
-- nothing. Nothing but the log-in, the moment and the SQLSTATE is known of it.
create function audit.refusals(
    p_first_line text, p_from bigint, p_upto bigint, p_logins text[], p_sqlstates text[], p_at timestamptz[]
) returns integer language plpgsql security definer set search_path = audit, pg_temp as $$
declare
    kept audit.yonda;
begin
    select * into strict kept from audit.yonda for update;
    if p_from <> (case when kept.first_line = p_first_line then kept.upto else 0 end) then
        return 0;
    end if;
    perform audit.append(null, r.login, '', '', '', null, null, '拒否', 'データベース',
        json_build_object(
            'at', to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'sqlstate', r.sqlstate
        )::text)
    from unnest(p_logins, p_sqlstates, p_at) with ordinality as r (login, sqlstate, at, n) order by r.n;
    update audit.yonda set first_line = p_first_line, upto = p_upto;
    return cardinality(p_logins);
end $$;
comment on function audit.refusals is 'サーバーが断った操作を記録に写す（役割・日時・SQLSTATE だけ）';
