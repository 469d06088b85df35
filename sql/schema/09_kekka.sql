-- 処理結果、突合、登録。

-- One row per record of a list, as it came. file_id and line are its key.
create table pension.kikou_kekka (
    kikou_kekka_id bigint generated always as identity primary key,
    shichoson_code5 text,
    tsuchi_code text,
    created_on date,
    kiso_nenkin_no text,
    nenkin_code text,
    birth_on date,
    sex_code text,
    name_kana text,
    name text,
    postal_code text,
    address_kana text,
    address text,
    todoke_code text,
    kekka_code text,
    henrei_code text,
    shori_on date,
    gaitou_on date,
    jiyu_code text,
    shubetsu_code text,
    menjo_code text,
    from_month date,
    to_month date,
    uketsuke_no text,
    kojin_id bigint,
    shokken_flag boolean,
    row_key text not null, file_id bigint not null, line integer not null, file_version smallint not null default 1,
    approval_id bigint, recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint
);
create unique index kikou_kekka_in_force on pension.kikou_kekka (row_key) where superseded_at is null;
create index kikou_kekka_file on pension.kikou_kekka (file_id);
grant select, insert on pension.kikou_kekka to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.kikou_kekka to kokunen_app;

-- How a result and the intakes agree; a later 突合 that finds otherwise adds a row and ends this one. Neither run_id here nor
-- approval_id below has a foreign key: a trigger per row would cost more than the 突合 itself.
create table pension.totsugo (
    totsugo_id bigint generated always as identity primary key,
    kikou_kekka_id bigint not null,
    outcome text not null
        check (outcome in ('matched', 'differs', 'expected_without_intake', 'unexplained', 'returned', 'duplicate')),
    pass smallint check (pass between 1 and 4),
    uketsuke_no text,
    uketsuke_id bigint,
    candidate_no text,
    atena_no text,
    items text[] not null default '{}',
    name_relation text,
    is_first boolean not null,
    hold_reason text,
    run_id uuid not null,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz
);
comment on table pension.totsugo is '突合（処理結果と受付）';
comment on column pension.totsugo.outcome is '突合結果';
comment on column pension.totsugo.pass is '一致した段（1 受付番号、2 基礎年金番号、3 個人番号、4 カナ氏名等の候補を確認したもの）';
comment on column pension.totsugo.candidate_no is '候補の受付番号（確認待ち）';
comment on column pension.totsugo.items is '相違した項目の名前（値は持たない）';
comment on column pension.totsugo.name_relation is '漢字氏名（一致、縮退一致、相違）';
comment on column pension.totsugo.is_first is '受付を決める最初の結果か';
comment on column pension.totsugo.hold_reason is '登録を保留する理由';
create unique index totsugo_in_force on pension.totsugo (kikou_kekka_id) where superseded_at is null;
create index totsugo_uketsuke on pension.totsugo (uketsuke_no) where superseded_at is null;
grant select, insert on pension.totsugo to kokunen_app;
grant update (superseded_at) on pension.totsugo to kokunen_app;

-- What a second person decides about a result: its 登録, or whether a candidate of the last pass is its intake (確認).
create table pension.kekka_touroku (
    approval_id bigint primary key,
    kikou_kekka_id bigint not null,
    action text not null check (action in ('register', 'confirm')),
    candidate_no text,
    check ((action = 'confirm') = (candidate_no is not null))
);
comment on table pension.kekka_touroku is '処理結果の登録・候補の確認の承認対象';
create index kekka_touroku_kekka on pension.kekka_touroku (kikou_kekka_id);
grant select, insert on pension.kekka_touroku to kokunen_app;

-- The hash of what a second person approves about a result: the record and what the 突合 found. Made again before it is applied.
create view pension.kekka_content as
select k.kikou_kekka_id, encode(sha256(convert_to(jsonb_build_array(
    k.kiso_nenkin_no, k.nenkin_code, k.birth_on, k.sex_code, k.name_kana, k.todoke_code, k.kekka_code, k.henrei_code, k.shori_on,
    k.gaitou_on, k.jiyu_code, k.shubetsu_code, k.menjo_code, k.from_month, k.to_month, k.kojin_id,
    s.outcome, s.uketsuke_no, s.uketsuke_id, s.candidate_no, s.atena_no, s.items, s.is_first, s.hold_reason
)::text, 'UTF8')), 'hex') as content_hash
from pension.kikou_kekka as k
join pension.totsugo as s using (kikou_kekka_id)
where k.superseded_at is null and s.superseded_at is null;
comment on view pension.kekka_content is '処理結果の承認対象の内容ハッシュ';
grant select on pension.kekka_content to kokunen_app;

-- The outcome of each intake that takes part, by what was known of lists and intakes of days up to this one: that of its first
-- result; after a 返戻 that of what followed it; without a result waiting, and overdue after the days of 結果超過 from its 進達.
-- 進達 = 状態 4 first seen since then.
-- decides: the outcome of an intake: waiting, overdue, or that of its result
create function pension.uketsuke_outcome(p_on date)
returns table (uketsuke_no text, uketsuke_id bigint, outcome text, items text[], kikou_kekka_id bigint, shintatsu_on date)
language sql stable as $$
    with newest as (
        -- the newest revision in one pass over all of them: its number, its id and whether it takes part, packed into one integer
        select u.uketsuke_no, min(f.business_on) filter (where u.jotai_code = '4') as shintatsu_on,
            max((u.rev::bigint << 44) | (u.uketsuke_id << 1) | (u.kakunin_flag and u.jotai_code <> '3')::integer) as packed
        from pension.uketsuke as u join ledger.file as f using (file_id)
        where u.superseded_at is null and f.business_on <= p_on
        group by u.uketsuke_no
    ),
    result as (
        select t.uketsuke_no, t.kikou_kekka_id, t.outcome, t.items, f.business_on,
            row_number() over (partition by t.uketsuke_no order by f.business_on desc, f.seq desc, k.line desc) as nth
        from pension.totsugo as t
        join pension.kikou_kekka as k using (kikou_kekka_id)
        join ledger.file as f using (file_id)
        where t.superseded_at is null and t.uketsuke_no is not null and t.is_first and f.business_on <= p_on
    ),
    after_return as (
        select r.uketsuke_no, true as resubmitted, min(f.business_on) filter (where x.jotai_code = '4') as shintatsu_on
        from result as r
        join pension.uketsuke as x on x.uketsuke_no = r.uketsuke_no and x.superseded_at is null
        join ledger.file as f on f.file_id = x.file_id and f.business_on > r.business_on and f.business_on <= p_on
        where r.nth = 1 and r.outcome = 'returned'
        group by r.uketsuke_no
    ),
    intake as (
        select n.uketsuke_no, (n.packed >> 1) & ((1::bigint << 43) - 1) as uketsuke_id, r.outcome as told, r.items,
            r.kikou_kekka_id, a.resubmitted,
            case when r.outcome = 'returned' then a.shintatsu_on else n.shintatsu_on end as shintatsu_on
        from newest as n
        left join result as r on r.uketsuke_no = n.uketsuke_no and r.nth = 1
        left join after_return as a on a.uketsuke_no = n.uketsuke_no
        where n.packed & 1 = 1
    )
    select uketsuke_no, uketsuke_id,
        case
            when told is not null and resubmitted is not true then told
            when p_on - shintatsu_on > (select pension.kijitsu_on('kekka_choka', p_on)) then 'overdue'
            else 'waiting'
        end,
        case when told is null or resubmitted then '{}' else items end, kikou_kekka_id, shintatsu_on
    from intake
$$;
comment on function pension.uketsuke_outcome is '受付ごとの突合結果（その日現在）';
revoke all on function pension.uketsuke_outcome from public;
grant execute on function pension.uketsuke_outcome to kokunen_app;

-- analyze, as for 宛名
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on pension.kikou_kekka, pension.totsugo to kokunen_app';
    end if;
end $$;
