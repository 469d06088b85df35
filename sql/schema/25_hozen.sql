-- 保全: what must stay, because of whom and how long at least; which objects that is. Setting takes one person, releasing two.

create table ledger.hold (
    hold_id bigint generated always as identity primary key,
    kind text not null check (kind in ('訴訟', '開示請求', '監査', '事故')),
    object_id bigint references ledger.object,
    atena_no text,
    first_on date,
    last_on date,
    reason text not null,
    review_on date not null,
    run_id uuid not null references ledger.run,
    set_at timestamptz not null default now(),
    approval_id bigint references ledger.approval,
    released_at timestamptz,
    constraint of_something check (
        (object_id is not null or atena_no is not null or first_on is not null)
        and (object_id is null or (atena_no is null and first_on is null))
    ),
    constraint in_order check ((first_on is null) = (last_on is null) and first_on <= last_on),
    constraint released_whole check ((released_at is null) = (approval_id is null))
);
comment on table ledger.hold is '保全（保存期間に優先して残す）';
comment on column ledger.hold.kind is '保全の種類';
comment on column ledger.hold.object_id is '保管物を指定する保全';
comment on column ledger.hold.first_on is '期間を指定する保全の初日';
comment on column ledger.hold.last_on is '期間を指定する保全の末日';
comment on column ledger.hold.reason is '理由';
comment on column ledger.hold.review_on is '見直しの期限（過ぎても保全は続く）';
comment on column ledger.hold.approval_id is '解除の承認';
comment on column ledger.hold.released_at is '解除した日時';
create index hold_standing on ledger.hold (hold_id) where released_at is null;

-- A hold ends with the approval of another person, looked at when the transaction ends: the decision is written in it.
create function ledger.released_by_two() returns trigger language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
    if not exists (
        select from ledger.approval as a
        where a.approval_id = new.approval_id and a.kind = 'hozen' and a.decision = 'approved'
            and a.subject like '%（保全番号 ' || new.hold_id || '）'
    ) then
        raise exception 'a hold is released by two' using errcode = 'KN021';
    end if;
    return null;
end $$;
revoke all on function ledger.released_by_two from public;
create constraint trigger released_by_two after update of released_at on ledger.hold deferrable initially deferred
    for each row when (new.released_at is not null) execute function ledger.released_by_two();

-- Whoever sets a hold and whoever destroys wait for each other: what is asked after this is what stands.
create function ledger.hozen_lock() returns void language sql security definer set search_path = pg_catalog, pg_temp
return pg_advisory_xact_lock(hashtextextended('hozen', 7));
comment on function ledger.hozen_lock is '保全と消去の順を決める（トランザクションの終わりまで）';

-- The days that a run, a list or a file is about: YYYY-MM-DD or YYYY-MM; empty for anything else.
create function ledger.days_of(p_period text) returns daterange language sql immutable parallel safe as $$
    select case
        when p_period ~ '^\d{4}-\d{2}-\d{2}$' then daterange(p_period::date, p_period::date, '[]')
        when p_period ~ '^\d{4}-\d{2}$'
            then daterange((p_period || '-01')::date, ((p_period || '-01')::date + interval '1 month')::date)
    end
$$;
comment on function ledger.days_of is '期間の初日から末日まで';

-- Which rows of 国民年金情報ファイル an inbound file has brought, by everybody that they name. Rows that name nobody by 宛名番号 (免除,
-- 付加, 裁定, 処理結果) are not here: of their files it is in doubt whom they could hold.
create view ledger.moto as
select a.file_id, a.line, n.atena_no
from pension.atena as a cross join lateral (values (a.atena_no), (a.setainushi_atena_no)) as n (atena_no)
union all select file_id, line, atena_no from pension.nenkin_kihon
union all select file_id, line, atena_no from pension.shikaku
union all select file_id, line, atena_no from pension.shotoku
union all
select u.file_id, u.line, n.atena_no
from pension.uketsuke as u
cross join lateral (values (u.atena_no), (u.setainushi_atena_no), (u.haiguusha_atena_no)) as n (atena_no)
where n.atena_no is not null;
comment on view ledger.moto is '受信原本が持ち込んだ行（誰の行か）';

-- decides: which objects must stay, and for which hold: the one that is named; those of a period; of a person all that could hold him
-- (an inbound original of which every row is known to be another's cannot; whatever is in doubt, and every list, could)
create view ledger.object_held as
select o.object_id, h.hold_id
from ledger.object as o
left join ledger.file as f on f.file_id = o.file_id
cross join lateral (
    select daterange(
        least(o.kept_from, f.business_on, lower(ledger.days_of(o.period))),
        greatest(o.kept_from + 1, f.business_on + 1, upper(ledger.days_of(o.period)))
    ) as days
) as span
join ledger.hold as h on h.released_at is null and case
    when h.object_id is not null then h.object_id = o.object_id
    else (h.first_on is null or span.days && daterange(h.first_on, h.last_on, '[]'))
        and (h.atena_no is null or (o.personal and (
            exists (select from ledger.moto as m where m.file_id = o.file_id and m.atena_no = h.atena_no)
            or f.file_id is null or f.outcome <> 'accepted'
            or (select count(distinct m.line) from ledger.moto as m where m.file_id = o.file_id) < f.data_count
        )))
    end
where o.gone_at is null;
comment on view ledger.object_held is '保全されている保管物';

do $$ declare f regprocedure;
begin
    for f in select p.oid::regprocedure from pg_proc as p where p.proname in ('hozen_lock', 'days_of') loop
        execute format('revoke all on function %s from public', f);
    end loop;
end $$;
