-- 受付、その点検、対象者。

create table pension.uketsuke (
    uketsuke_id bigint generated always as identity primary key,
    uketsuke_no text not null,
    todoke_code text not null,
    juri_on date not null,
    uketsuke_ku_code text not null,
    atena_no text not null,
    kojin_id bigint,
    kiso_nenkin_no text,
    name_kana text not null,
    birth_on date not null,
    sex_code text not null,
    gaitou_on date,
    jiyu_code text,
    shubetsu_code text,
    menjo_code text,
    menjo_year integer,
    menjo_from_month date,
    menjo_to_month date,
    keizoku_flag boolean,
    shitsugyo_flag boolean,
    gakko_name text,
    setainushi_atena_no text,
    haiguusha_atena_no text,
    nenkin_code text,
    shousho_no text,
    seikyusha_name text,
    seikyusha_zokugara text,
    shibou_on date,
    shoshin_on date,
    shindansho_flag boolean,
    new_name text,
    new_name_kana text,
    honnin_kakunin_code text not null,
    nyuryoku_user text not null,
    kakunin_user text,
    jotai_code text not null,
    rev integer not null,
    row_key text not null, file_id bigint, line integer, file_version smallint not null default 1, approval_id bigint,
    recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint,
    -- whether a second person confirmed it; else it is 未確認 and goes no further
    kakunin_flag boolean not null
        generated always as (
            coalesce(lower(normalize(kakunin_user, nfkc)) <> lower(normalize(nyuryoku_user, nfkc)), false)
        ) stored
);
comment on column pension.uketsuke.kakunin_flag is '入力者と別の職員が確認したか（偽は未確認）';
create unique index uketsuke_in_force on pension.uketsuke (row_key) where superseded_at is null;
create index uketsuke_of_number on pension.uketsuke (uketsuke_no, rev) where superseded_at is null;
create index uketsuke_person on pension.uketsuke (atena_no);
create index uketsuke_setainushi on pension.uketsuke (setainushi_atena_no) where todoke_code in ('41', '42');
create index uketsuke_haiguusha on pension.uketsuke (haiguusha_atena_no) where todoke_code in ('41', '42');
grant select, insert on pension.uketsuke to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.uketsuke to kokunen_app;

create view pension.uketsuke_ima as
select u.*
from pension.uketsuke as u
where u.superseded_at is null and not exists (
    select 1 from pension.uketsuke as n where n.uketsuke_no = u.uketsuke_no and n.superseded_at is null and n.rev > u.rev
);
comment on view pension.uketsuke_ima is '受付の最新の改訂';
grant select on pension.uketsuke_ima to kokunen_app;

-- Confirmed intakes by their 状態: OPEN and STANDING of etl/core/states.py.
create view pension.uketsuke_open as
select * from pension.uketsuke_ima where kakunin_flag and jotai_code in ('1', '2', '5');
comment on view pension.uketsuke_open is '市の処理が続いている受付（確認済み）';
grant select on pension.uketsuke_open to kokunen_app;

create view pension.uketsuke_standing as
select * from pension.uketsuke_ima where kakunin_flag and jotai_code in ('1', '2', '4', '5');
comment on view pension.uketsuke_standing is '取下げも登録もされていない受付（確認済み）';
grant select on pension.uketsuke_standing to kokunen_app;

-- 突合1: where an intake and 宛名 disagree, on the day it was taken in; when 宛名 came only later, again.
create table pension.uketsuke_check (
    uketsuke_check_id bigint generated always as identity primary key,
    uketsuke_id bigint not null,
    checked_on date not null,
    missing text[] not null,
    findings text[] not null,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz
);
comment on table pension.uketsuke_check is '突合1（受付と宛名）の点検票';
comment on column pension.uketsuke_check.missing is '届書に必要で、書かれていない項目の名前';
comment on column pension.uketsuke_check.findings is '宛名・資格と合わない点';
create unique index uketsuke_check_in_force on pension.uketsuke_check (uketsuke_id) where superseded_at is null;
grant select, insert on pension.uketsuke_check to kokunen_app;
grant update (superseded_at) on pension.uketsuke_check to kokunen_app;

-- Who may be held and why. Permanent reasons only; kouho has its own table with an end.
create view pension.taisho as
select atena_no, 'hihokensha' as reason from pension.nenkin_kihon
union all select atena_no, 'hihokensha' from pension.shikaku
union all select atena_no, 'jukyuken' from pension.saitei_rorei
union all select atena_no, 'jukyuken' from pension.saitei_shogai
union all select atena_no, 'jukyuken' from pension.saitei_izoku
union all select atena_no, 'jukyuken' from pension.saitei_rofuku
union all select atena_no, 'uketsuke' from pension.uketsuke
union all select setainushi_atena_no, 'setai' from pension.uketsuke
where todoke_code in ('41', '42') and setainushi_atena_no is not null
union all select haiguusha_atena_no, 'setai' from pension.uketsuke
where todoke_code in ('41', '42') and haiguusha_atena_no is not null;
comment on view pension.taisho is '対象者とその理由';
grant select on pension.taisho to kokunen_app;

-- analyze, as for 宛名
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on pension.uketsuke to kokunen_app';
    end if;
end $$;
