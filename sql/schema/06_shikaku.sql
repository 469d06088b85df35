-- 年金基本、資格、異動の提案。

create table pension.nenkin_kihon (
    nenkin_kihon_id bigint generated always as identity primary key,
    atena_no text not null,
    kiso_nenkin_no text not null,
    tel_no text,
    kyu_nenkin_no text,
    row_key text not null, file_id bigint, line integer, file_version smallint not null default 1, approval_id bigint,
    recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint
);
create unique index nenkin_kihon_in_force on pension.nenkin_kihon (row_key) where superseded_at is null;
create index nenkin_kihon_person on pension.nenkin_kihon (atena_no);
create index nenkin_kihon_kiso on pension.nenkin_kihon (kiso_nenkin_no);
grant select, insert on pension.nenkin_kihon to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.nenkin_kihon to kokunen_app;

-- The 基礎年金番号 of everybody who has only one.
create view pension.kiso_nenkin_no_only as
select atena_no, min(kiso_nenkin_no) as kiso_nenkin_no
from pension.nenkin_kihon
where superseded_at is null
group by atena_no
having count(*) = 1;
comment on view pension.kiso_nenkin_no_only is '基礎年金番号が一つだけの者の番号';
grant select on pension.kiso_nenkin_no_only to kokunen_app;

create table pension.shikaku (
    shikaku_id bigint generated always as identity primary key,
    atena_no text not null,
    kiso_nenkin_no text not null,
    shubetsu_code text not null,
    acquired_on date not null,
    shutoku_jiyu_code text not null,
    shubetsu_henkou_on date,
    lost_on date,
    soushitsu_jiyu_code text,
    soushitsu_riyu text,
    row_key text not null, file_id bigint, line integer, file_version smallint not null default 1, approval_id bigint,
    recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint
);
create unique index shikaku_in_force on pension.shikaku (row_key) where superseded_at is null;
create index shikaku_person on pension.shikaku (atena_no);
grant select, insert on pension.shikaku to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.shikaku to kokunen_app;

create table pension.idou_proposal (
    approval_id bigint primary key references ledger.approval,
    atena_no text not null,
    shikaku_key text not null,
    action text not null check (action in ('loss', 'correct', 'undo')),
    lost_on date,
    soushitsu_jiyu_code text,
    atena_id bigint,
    check ((action = 'undo') = (lost_on is null))
);
comment on table pension.idou_proposal is '異動による資格喪失等の提案';
create index idou_proposal_person on pension.idou_proposal (atena_no);
create index idou_proposal_cause on pension.idou_proposal (atena_id);
grant select, insert on pension.idou_proposal to kokunen_app;

-- analyze, as for 宛名
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on pension.nenkin_kihon, pension.shikaku, pension.idou_proposal to kokunen_app';
    end if;
end $$;
