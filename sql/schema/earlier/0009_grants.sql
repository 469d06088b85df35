-- The role that jobs use can add rows and end their validity; it can delete nothing (P43, P92). Staging alone may be emptied.
grant usage on schema pension, vault, ledger, audit, staging to kokunen_app;
revoke all on all functions in schema audit, vault, ledger from public;

grant select, insert on all tables in schema pension to kokunen_app;
grant select, insert on all tables in schema ledger to kokunen_app;
grant usage on all sequences in schema ledger to kokunen_app;
grant select on all tables in schema audit to kokunen_app;
grant execute on function audit.append, audit.canonical, vault.read to kokunen_app;

grant insert on vault.kojin_no to kokunen_app;
grant select (kojin_id, atena_no, hmac, key_id, recorded_at) on vault.kojin_no to kokunen_app;

grant select, insert, update, delete, truncate on all tables in schema staging to kokunen_app;

grant update (finished_at, state, error_code) on ledger.run to kokunen_app;
grant update (content, recorded_at) on ledger.receipt to kokunen_app;
grant update (token) on ledger.fence to kokunen_app;
grant update (decision, checker, decided_at, reason) on ledger.approval to kokunen_app;
grant update (released_at) on ledger.output to kokunen_app;
grant update (output_id) on ledger.medium to kokunen_app;

grant update (superseded_at, superseded_by_file) on
    pension.atena, pension.uketsuke, pension.nenkin_kihon, pension.shikaku, pension.menjo, pension.fuka,
    pension.saitei_rorei, pension.saitei_shogai, pension.saitei_izoku, pension.saitei_rofuku, pension.shotoku
to kokunen_app;
grant update (closed_at, close_reason) on pension.worklist to kokunen_app;
grant update (answered_by_file, answered_at) on pension.juki_shoukai to kokunen_app;

-- analyze of a table that was just filled; before PostgreSQL 17 only an owner may, and the statement is skipped with a warning.
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on all tables in schema staging, pension to kokunen_app';
    end if;
end $$;
