-- 消去と保全: what must stay and because of whom; what is to go, who asked and who agreed, when it went. No log-in deletes anything
-- here or in 国民年金情報ファイル: the one exception is a function that takes what one view shows. The rows here stay for ever.

create table ledger.hold (
    hold_id bigint generated always as identity primary key,
    kind text not null check (kind in ('訴訟', '開示請求', '監査', '事故')),
    object_id bigint references ledger.object, atena_no text, first_on date, last_on date,
    reason text not null, review_on date not null,
    run_id uuid not null references ledger.run, set_at timestamptz not null default now(),
    approval_id bigint references ledger.approval, released_at timestamptz,
    constraint of_something check (
        (object_id is not null or atena_no is not null or first_on is not null)
        and (object_id is null or (atena_no is null and first_on is null))
    ),
    constraint in_order check ((first_on is null) = (last_on is null) and first_on <= last_on),
    constraint released_whole check ((released_at is null) = (approval_id is null))
);
comment on table ledger.hold is '保全（保存期間に優先して残す）';

-- A hold ends with the approval of another person, looked at when the transaction ends: the decision is written in it.
create function ledger.released_by_two() returns trigger language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
    if not exists (
        select from ledger.approval as a
        where a.approval_id = new.approval_id and a.kind = 'hozen' and a.decision = 'approved'
            and a.subject like '%（保全番号 ' || new.hold_id || '）'
    ) then
        raise exception 'a hold is released by two' using errcode = 'KN041';
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

-- Whether a hold of days, or of a person (any file could hold him), keeps what is of this day.
create function ledger.hozen_on(p_on date) returns boolean language sql stable security definer
set search_path = ledger, pg_temp as $$
    select exists (
        select from ledger.hold as h
        where h.released_at is null and h.object_id is null
            and (h.first_on is null or p_on between h.first_on and h.last_on)
    )
$$;
comment on function ledger.hozen_on is 'その日のものが保全されているか';

-- decides: which objects must stay, and for which hold: the one that is named, those of a period, of a person all that could hold
-- him (an inbound original of which every row is known to be another's cannot; whatever is in doubt, and every list, could)
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

-- decides: who was held as 取得候補 alone, was never confirmed, and is needed by nobody else
-- (until_on is the last day of the last of his terms; what was asked or came about him keeps him, and so does a household)
create view pension.mikakunin as
select k.atena_no, max(k.until_on) as until_on, min(k.business_on) as business_on,
    (select count(*) from pension.atena as a where a.atena_no = k.atena_no) as rows,
    exists (
        select from ledger.hold as h
        where h.released_at is null and h.object_id is null and (h.atena_no is null or h.atena_no = k.atena_no)
            and (h.first_on is null or (h.first_on <= max(k.until_on) and h.last_on >= min(k.business_on)))
    ) as held
from pension.kouho as k
where not exists (select from pension.taisho as t where t.atena_no = k.atena_no)
    and not exists (select from pension.totsugo as t where t.atena_no = k.atena_no)
    and not exists (select from pension.juki_shoukai as j where j.atena_no = k.atena_no)
    and not exists (select from pension.shotoku_shoukai as q where q.atena_no = k.atena_no)
    and not exists (select from pension.idou_proposal as p where p.atena_no = k.atena_no)
group by k.atena_no;
comment on view pension.mikakunin is '確認されないまま対象でなくなる取得候補';

create table ledger.retirement (
    retirement_id bigint generated always as identity primary key,
    run_id uuid not null references ledger.run,
    class text not null check (class in ('A2', 'B', 'C', 'D')),
    as_of date not null, policy text not null,
    list_hash text not null, items integer not null check (items > 0), bytes bigint not null,
    approval_id bigint not null unique references ledger.approval,
    requested_at timestamptz not null default now(), done_at timestamptz, verified json, certified_at timestamptz,
    constraint verified_whole check ((done_at is null) = (verified is null)),
    constraint nothing_undone_is_certified check (certified_at is null or done_at is not null)
);
comment on table ledger.retirement is '消去の申請（区分 A には申請がない）';
comment on column ledger.retirement.as_of is '基準日（保存期間の末日がこれより前のもの）';
comment on column ledger.retirement.verified is '検証の結果（件数）';
alter table ledger.object add column again_at timestamptz, drop constraint gone_by_request;
alter table ledger.object
    add constraint gone_by_request check (key_gone_at is null or retirement_id is not null or again_at is not null),
    add constraint object_of_retirement foreign key (retirement_id) references ledger.retirement;
comment on column ledger.object.again_at is '復元した後に再び消した日時';

create table ledger.retirement_item (
    retirement_id bigint not null references ledger.retirement,
    item integer not null,
    kind text not null check (kind in ('object', 'clear', 'kouho')),
    key text not null, object_id bigint references ledger.object, atena_no text,
    dataset text not null, sha256 text not null, bytes bigint not null, kept_from date not null, due_on date not null,
    begun_at timestamptz, gone_at timestamptz,
    left_why text check (left_why in ('held', 'changed', 'needed')),
    primary key (retirement_id, item),
    constraint of_its_kind check ((kind = 'object') = (object_id is not null) and (kind = 'kouho' or atena_no is null)),
    constraint begun_before_gone check (gone_at is null or begun_at is not null),
    constraint one_end check (gone_at is null or left_why is null)
);
comment on table ledger.retirement_item is '消去する一つ一つ（申請のときに決まり、変わらない）';
comment on column ledger.retirement_item.kind is '保管物・受信フォルダーの平文・取得候補';
comment on column ledger.retirement_item.key is '保管物の鍵の名前、ファイルの場所、又は宛名番号の照合値';
comment on column ledger.retirement_item.atena_no is '取得候補の宛名番号（消去が終われば空）';
create index retirement_of_object on ledger.retirement_item (object_id);

-- decides: which things a request that goes on names (it waits in its term, or is approved and not done): none is asked for twice
create view ledger.shoukyo_asked as
select t.retirement_id, t.item, t.key, t.sha256, t.object_id, t.atena_no
from ledger.retirement_item as t
join ledger.retirement as r using (retirement_id)
join ledger.approval as a using (approval_id)
where t.left_why is null and r.done_at is null
    and case when a.decision is null then a.expires_at >= now() else a.decision = 'approved' end;
comment on view ledger.shoukyo_asked is '申請中のもの';

-- The request that is being carried out: approved as the list stands. Whoever has no such approval destroys nothing.
create function ledger.shoukyo_approved(p_retirement_id bigint) returns ledger.retirement
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    r ledger.retirement;
begin
    select * into r from ledger.retirement where retirement_id = p_retirement_id for update;
    if not exists (
        select from ledger.approval as a
        where a.approval_id = r.approval_id and a.kind = 'shoukyo' and a.decision = 'approved' and a.content_hash = r.list_hash
    ) or r.done_at is not null then
        raise exception 'not approved, or done' using errcode = 'KN042';
    end if;
    return r;
end $$;

-- Before anything is destroyed each item is looked at once more: what is held now, or another than was approved, is left; of
-- the rest the row is written with its event. An item that was begun and is not gone comes again. Nobody sets a hold in between.
create function ledger.shoukyo_begin(
    p_retirement_id bigint, p_items integer[], p_changed integer[], p_run_id uuid, p_user text, p_unit text, p_terminal text,
    p_reason text
) returns integer[] language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    r ledger.retirement := ledger.shoukyo_approved(p_retirement_id);
    i record;
begin
    perform ledger.hozen_lock();
    update ledger.retirement_item as t set left_why = case
        when exists (select from ledger.object_held as h where h.object_id = t.object_id)
            or exists (select from pension.mikakunin as m where m.atena_no = t.atena_no and m.held)
            or (t.kind = 'clear' and ledger.hozen_on(t.kept_from)) then 'held'
        when t.item = any (p_changed) then 'changed'
        when t.kind = 'kouho' and not exists (
            select from pension.mikakunin as m where m.atena_no = t.atena_no and m.until_on < shokuin.today()
        ) then 'needed'
    end
    where t.retirement_id = r.retirement_id and t.item = any (p_items) and t.begun_at is null and t.left_why is null;
    for i in
        update ledger.retirement_item as t set begun_at = clock_timestamp()
        where t.retirement_id = r.retirement_id and t.item = any (p_items) and t.begun_at is null and t.left_why is null
        returning t.item, t.kind, t.key, t.object_id, t.sha256
    loop
        update ledger.object as o set retirement_id = r.retirement_id, key_gone_at = clock_timestamp()
        where o.object_id = i.object_id and o.class = r.class and o.due_on < r.as_of and o.key_gone_at is null;
        if i.kind = 'object' and not found then  -- not due, or of another class
            raise exception 'not approved' using errcode = 'KN042';
        end if;
        perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '消去',
            'retirement/' || r.retirement_id || '/' || i.item,
            json_build_object('kind', i.kind, 'key', i.key, 'list_hash', r.list_hash, 'sha256', i.sha256)::text);
    end loop;
    return array(
        select t.item from ledger.retirement_item as t
        where t.retirement_id = r.retirement_id and t.item = any (p_items) and t.begun_at is not null and t.gone_at is null
        order by t.item
    );
end $$;
comment on function ledger.shoukyo_begin is '消去の直前の確認と台帳（消す前に書く）';

-- decides: whose 宛名 may be deleted now: on an approved list, written down already, still unconfirmed, over, not held
create view pension.shoukyo_kouho as
select t.retirement_id, t.item, t.atena_no
from ledger.retirement_item as t
join ledger.retirement as r using (retirement_id)
join ledger.approval as a using (approval_id)
join pension.mikakunin as m on m.atena_no = t.atena_no
where t.kind = 'kouho' and t.begun_at is not null and t.gone_at is null and r.done_at is null
    and a.kind = 'shoukyo' and a.decision = 'approved' and a.content_hash = r.list_hash
    and m.until_on < shokuin.today() and not m.held;
comment on view pension.shoukyo_kouho is '今消してよい取得候補（消去できるのはここに見える者だけ）';

-- Everything that is held about these persons, with the 個人番号 that nobody else needs. Nobody's to call: the two below do.
create function pension.kesu(p_who text[]) returns integer
language plpgsql security definer set search_path = pension, pg_temp as $$
declare
    done integer;
begin
    delete from pension.worklist as w where w.atena_no = any (p_who);
    delete from pension.atena as a where a.atena_no = any (p_who);
    get diagnostics done = row_count;
    delete from pension.kouho as k where k.atena_no = any (p_who);
    delete from vault.kojin_no as v
    where v.atena_no = any (p_who) and not exists (select from pension.atena as a where a.kojin_id = v.kojin_id)
        and not exists (select from pension.uketsuke as u where u.kojin_id = v.kojin_id)
        and not exists (select from pension.kikou_kekka as k where k.kojin_id = v.kojin_id)
        and not exists (select from pension.juki_shoukai as j where j.kojin_id = v.kojin_id);
    return done;
end $$;
comment on function pension.kesu is '宛名と個人番号の消去（取得候補だけ）';

-- Keys and files are gone; of persons this is the one deletion in 国民年金情報ファイル: of whoever is shown by that view.
create function ledger.shoukyo_gone(p_retirement_id bigint, p_items integer[]) returns void
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    r ledger.retirement := ledger.shoukyo_approved(p_retirement_id);
    persons integer[];
    who text[];
begin
    perform ledger.hozen_lock();
    select array_agg(k.item), array_agg(k.atena_no) into persons, who
    from pension.shoukyo_kouho as k where k.retirement_id = r.retirement_id and k.item = any (p_items);
    perform pension.kesu(who);
    update ledger.retirement_item as t set gone_at = clock_timestamp()
    where t.retirement_id = r.retirement_id and t.item = any (p_items) and t.begun_at is not null and t.gone_at is null
        and (t.kind <> 'kouho' or t.item = any (persons));
    update ledger.object as o set gone_at = clock_timestamp()
    from ledger.retirement_item as t
    where t.retirement_id = r.retirement_id and t.item = any (p_items) and t.gone_at is not null and o.object_id = t.object_id
        and o.gone_at is null;
end $$;
comment on function ledger.shoukyo_gone is '消去した（取得候補の宛名は、ここで消す）';

-- The end of a request, once: every item is gone or left, and nothing of what is gone is there any more.
create function ledger.shoukyo_done(
    p_retirement_id bigint, p_verified json, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns void language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    r ledger.retirement := ledger.shoukyo_approved(p_retirement_id);
begin
    if exists (
        select from ledger.retirement_item as t
        where t.retirement_id = r.retirement_id and t.left_why is null and (
            t.gone_at is null or exists (select from ledger.object as o where o.object_id = t.object_id and o.gone_at is null)
            or exists (select from pension.atena as a where a.atena_no = t.atena_no and a.recorded_at <= t.gone_at)
        )
    ) then
        raise exception 'not all of it is gone' using errcode = 'KN043';
    end if;
    update ledger.retirement_item set atena_no = null where retirement_id = r.retirement_id and kind = 'kouho';
    update ledger.retirement set done_at = clock_timestamp(), verified = p_verified where retirement_id = r.retirement_id;
    perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '消去検証',
        'retirement/' || r.retirement_id, p_verified::text);
end $$;
comment on function ledger.shoukyo_done is '消去の検証の記録';

-- 隔離: the row itself (encrypted) goes when its period is over; line, items and kinds stay. Nothing that is held.
create function ledger.kakuri_kesu(p_dataset text, p_before date) returns integer
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    done integer;
begin
    perform ledger.hozen_lock();
    update ledger.quarantine as q set row_cipher = null, key_id = null
    from ledger.file as f
    where f.file_id = q.file_id and f.dataset = p_dataset and f.received_at::date < p_before and q.row_cipher is not null
        and not ledger.hozen_on(f.business_on);
    get diagnostics done = row_count;
    return done;
end $$;
comment on function ledger.kakuri_kesu is '隔離した行の暗号文の消去（行・項目・種類は残る）';

-- After a restore what was destroyed lies in the database as before, perhaps without its request, which the ledger outside the
-- database alone remembers. The objects are said to be gone once more; of the persons only such go as are unconfirmed and over.
create function ledger.shoukyo_again(
    p_keys text[], p_who text[], p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns integer language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    objects integer;
    who text[];
begin
    update ledger.object as o set key_gone_at = coalesce(o.key_gone_at, now()), gone_at = now(), again_at = now()
    where o.object_key = any (p_keys) and o.gone_at is null;
    get diagnostics objects = row_count;
    select array_agg(m.atena_no) into who
    from pension.mikakunin as m where m.atena_no = any (p_who) and m.until_on < shokuin.today();
    perform pension.kesu(who);
    if coalesce(cardinality(p_keys), 0) + coalesce(cardinality(p_who), 0) > 0 then  -- also of what is known outside alone
        perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '再消去', 'retirement',
            json_build_object('objects', objects, 'persons', coalesce(cardinality(who), 0))::text);
    end if;
    return objects + coalesce(cardinality(who), 0);
end $$;
comment on function ledger.shoukyo_again is '復元した後の再消去';

do $$ declare f regprocedure;
begin
    for f in select p.oid::regprocedure from pg_proc as p
        where p.proname ~ '^(hozen_|shoukyo_|kakuri_kesu$|kesu$|days_of$)' loop
        execute format('revoke all on function %s from public', f);
    end loop;
end $$;
