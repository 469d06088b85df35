-- バックアップと復旧: what a trial restore is compared with, and the gate of a database that was restored: nothing runs until another
-- person than who restored it has read what is missing and accepted it.

-- How many rows each table has, in the snapshot of whoever asks.
create function ledger.counts() returns table (name text, n bigint) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
    for name in
        select format('%I.%I', s.nspname, c.relname) from pg_class as c join pg_namespace as s on s.oid = c.relnamespace
        where c.relkind = 'r' and s.nspname in ('audit', 'ledger', 'pension', 'shokuin', 'vault') order by 1
    loop
        execute 'select count(*) from ' || name into n;
        return next;
    end loop;
end $$;
comment on function ledger.counts is '表ごとの行数（バックアップと試し復元の比較）';

create table ledger.fukkyu (
    fukkyu_id bigint generated always as identity primary key,
    restored_at timestamptz not null default now(),
    restored_by text not null,
    backup text not null,
    moment timestamptz not null,
    head_event bigint not null,
    head_hash text not null
);
comment on table ledger.fukkyu is '復旧（バックアップからデータベースを戻したこと）';
comment on column ledger.fukkyu.restored_by is '戻した職員';
comment on column ledger.fukkyu.backup is '使ったバックアップ（自庁のサーバーでは「自庁」）';
comment on column ledger.fukkyu.moment is '戻した時点';
comment on column ledger.fukkyu.head_event is '戻した時の記録の末尾の番号';
comment on column ledger.fukkyu.head_hash is '戻した時の記録の末尾のハッシュ';

-- decides: which restores nobody but who made them has accepted (each with what its approval is about)
create view ledger.fukkyu_open as
select f.*
from ledger.fukkyu as f
where not exists (
    select from ledger.approval as a
    where a.kind = 'fukkyu' and a.decision = 'approved' and a.subject like '%（復旧番号 ' || f.fukkyu_id || '）'
        and ledger.another(a.checker, f.restored_by)
);
comment on view ledger.fukkyu_open is '承認されていない復旧（業務は始まらない）';

create function ledger.fukkyu_closed() returns boolean language sql stable security definer set search_path = ledger, pg_temp
return exists (select from ledger.fukkyu_open);
comment on function ledger.fukkyu_closed is '復旧の確認が終わっていない';

-- The restore, and its event, the first after the head that came back.
create function ledger.restored(p_by text, p_unit text, p_terminal text, p_backup text, p_moment timestamptz)
returns bigint language plpgsql security definer set search_path = ledger, audit, pg_temp as $$
declare
    made bigint;
begin
    insert into ledger.fukkyu (restored_by, backup, moment, head_event, head_hash)
    select p_by, p_backup, p_moment, h.event_id, encode(h.hash, 'hex') from audit.head as h
    returning fukkyu_id into made;
    perform audit.append(null, p_by, p_unit, p_terminal, '復旧', null, null, '復旧', p_backup,
        json_build_object('fukkyu', made, 'moment', to_char(p_moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text);
    return made;
end $$;
comment on function ledger.restored is '復旧を記録し、業務を止める';
