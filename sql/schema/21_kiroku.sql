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
