-- 相手先: where a partner's server is and which key it has. One person says it, another agrees; until then what was in force is,
-- and nothing else is ever spoken to (P57, P86).

create table ledger.aitesaki (
    approval_id bigint primary key references ledger.approval,
    event_id bigint not null references audit.event,
    partner text not null check (partner ~ '^[a-z]+(-[a-z]+)*$'),
    host text not null check (host ~ '^[A-Za-z0-9][A-Za-z0-9.:-]*$'),
    port integer not null check (port between 1 and 65535),
    login text not null check (login ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]*$'),
    host_key text not null check (host_key ~ '^[a-z0-9-]+ [A-Za-z0-9+/]+=*$'),
    folder text not null check (folder <> '' and folder !~ '[[:cntrl:]]')
);
comment on table ledger.aitesaki is '相手先のサーバー（承認されたもののうち最も新しいものが有効）';
comment on column ledger.aitesaki.partner is '相手先（mappings/partners.yaml）';
comment on column ledger.aitesaki.host is '番地';
comment on column ledger.aitesaki.port is 'ポート';
comment on column ledger.aitesaki.login is '相手先での利用者名';
comment on column ledger.aitesaki.host_key is '相手先のサーバーの鍵（固定）';
comment on column ledger.aitesaki.folder is '相手先のフォルダー';
create index aitesaki_of on ledger.aitesaki (partner);

-- decides: where a partner's server is: what was agreed to last
create view ledger.aitesaki_ima as
select distinct on (e.partner) e.*, a.maker, a.checker, a.decided_at
from ledger.aitesaki as e
join ledger.approval as a using (approval_id)
where a.decision = 'approved'
order by e.partner, a.decided_at desc, e.approval_id desc;
comment on view ledger.aitesaki_ima is '相手先の今のサーバー';

create function ledger.aitesaki_put(
    p_entry json, p_subject text, p_days integer, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    e ledger.aitesaki := json_populate_record(null::ledger.aitesaki, p_entry);
begin
    if not shokuin.may(p_user) then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
    insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)
    values ('aitesaki', p_run_id, p_subject, encode(sha256(convert_to(p_entry::text, 'UTF8')), 'hex'), p_user,
        now() + make_interval(days => p_days))
    returning approval_id into e.approval_id;
    e.event_id := audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '相手先起案', 'partner/' || e.partner,
        json_build_object('host', e.host, 'port', e.port, 'approval', e.approval_id)::text);
    insert into ledger.aitesaki select e.*;
    return e.approval_id;
end $$;
comment on function ledger.aitesaki_put is '相手先のサーバーの登録（承認待ちになる）';
