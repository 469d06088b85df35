-- 免除、付加、裁定請求の受付。
-- An intake stands in its group as 受付 (kettei_flag false) until a result of 日本年金機構 is registered; only then is it a decision.

create table pension.menjo (
    menjo_id bigint generated always as identity primary key,
    kiso_nenkin_no text not null,
    menjo_code text not null,
    from_month date not null,
    to_month date,
    saitei_kekka_code text,
    shoumetsu_on date,
    soufu_on date,
    gakko_name text,
    row_key text not null, file_id bigint, line integer, file_version smallint not null default 1, approval_id bigint,
    recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint,
    kettei_flag boolean not null default true,
    uketsuke_no text
);
comment on column pension.menjo.kettei_flag is '決定区分（偽は受付のみ）';
comment on column pension.menjo.uketsuke_no is '受付番号';
create unique index menjo_in_force on pension.menjo (row_key) where superseded_at is null;
create index menjo_kiso on pension.menjo (kiso_nenkin_no);
create index menjo_uketsuke on pension.menjo (uketsuke_no) where uketsuke_no is not null;
grant select, insert on pension.menjo to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.menjo to kokunen_app;

create table pension.fuka (
    fuka_id bigint generated always as identity primary key,
    kiso_nenkin_no text not null,
    kanyu_on date not null,
    dattai_on date,
    row_key text not null, file_id bigint, line integer, file_version smallint not null default 1, approval_id bigint,
    recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint,
    kettei_flag boolean not null default true,
    uketsuke_no text
);
comment on column pension.fuka.kettei_flag is '決定区分（偽は受付のみ）';
comment on column pension.fuka.uketsuke_no is '受付番号';
create unique index fuka_in_force on pension.fuka (row_key) where superseded_at is null;
create index fuka_uketsuke on pension.fuka (uketsuke_no) where uketsuke_no is not null;
grant select, insert on pension.fuka to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.fuka to kokunen_app;

-- Four groups of one shape: 老齢, 障害, 遺族, 老齢福祉.
do $do$
declare
    saitei text;
begin
    foreach saitei in array array['saitei_rorei', 'saitei_shogai', 'saitei_izoku', 'saitei_rofuku'] loop
        execute format($group$
            create table pension.%1$s (
                %1$s_id bigint generated always as identity primary key,
                atena_no text not null,
                kiso_nenkin_no text,
                shousho_no text,
                todoke_code text not null,
                nenkin_code text,
                uketsuke_on date not null,
                seikyusha_name text,
                shibou_on date,
                shindansho_flag boolean,
                kekka_code text,
                row_key text not null, file_id bigint, line integer, file_version smallint not null default 1, approval_id bigint,
                recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint,
                kettei_flag boolean not null default true,
                uketsuke_no text
            );
            comment on column pension.%1$s.kettei_flag is '決定区分（偽は受付のみ）';
            comment on column pension.%1$s.uketsuke_no is '受付番号';
            create unique index %1$s_in_force on pension.%1$s (row_key) where superseded_at is null;
            create index %1$s_person on pension.%1$s (atena_no);
            create index %1$s_uketsuke on pension.%1$s (uketsuke_no) where uketsuke_no is not null;
            grant select, insert on pension.%1$s to kokunen_app;
            grant update (superseded_at, superseded_by_file) on pension.%1$s to kokunen_app;
        $group$, saitei);
    end loop;
end $do$;

-- analyze, as for 宛名
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on pension.menjo, pension.fuka, pension.saitei_rorei, pension.saitei_shogai,'
            ' pension.saitei_izoku, pension.saitei_rofuku to kokunen_app';
    end if;
end $$;
