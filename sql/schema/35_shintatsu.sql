-- 進達: what the city reports to 日本年金機構. A report (回) is of one 年金事務所; its state follows from what was done, never from a
-- word that somebody wrote. Rows are only added, each with its event (P7, P77, P85).

-- Made from mappings/houkoku.yaml and mappings/todoke.yaml.
create table pension.shintatsu_saki (
    uketsuke_ku_code text primary key,
    jimusho_code text not null
);
comment on table pension.shintatsu_saki is '受付区を管轄する年金事務所';
create table pension.shintatsu_nashi (
    todoke_code text not null,
    jiyu_code text not null,
    primary key (todoke_code, jiyu_code)
);
comment on table pension.shintatsu_nashi is '報告しない届書（死亡・60歳到達の喪失届）';
create table pension.shintatsu_shokken (
    todoke_code text not null,
    jiyu_code text primary key
);
comment on table pension.shintatsu_shokken is '市が職権で報告する喪失の事由';
-- Which act is possible in which state: ACTS of etl/core/states.py.
create table ledger.shintatsu_michi (
    act text not null,
    state text not null,
    primary key (act, state)
);
comment on table ledger.shintatsu_michi is '進達の状態ごとにできること';

create table ledger.shintatsu (
    shintatsu_id bigint generated always as identity primary key,
    event_id bigint not null references audit.event,
    run_id uuid not null references ledger.run,
    jimusho_code text not null,
    opened_on date not null,
    kakunin_until date not null check (kakunin_until >= opened_on)
);
comment on table ledger.shintatsu is '進達の回（年金事務所ごと）';
comment on column ledger.shintatsu.opened_on is '開始した業務日';
comment on column ledger.shintatsu.kakunin_until is '内容確認・修正期間の末日';
create index shintatsu_run on ledger.shintatsu (run_id);

create table ledger.shintatsu_koui (
    event_id bigint primary key references audit.event,
    shintatsu_id bigint not null references ledger.shintatsu,
    act text not null,
    approval_id bigint references ledger.approval,
    output_id bigint references ledger.output,
    done_on date not null,
    number text,
    constraint frozen_with_its_approval check ((act = 'freeze') = (approval_id is not null)),
    constraint made_with_its_file check ((act = 'make') = (output_id is not null))
);
comment on table ledger.shintatsu_koui is '進達の行為（確定・取消し・作成・受領・取止め）';
comment on column ledger.shintatsu_koui.done_on is '行った日';
comment on column ledger.shintatsu_koui.number is '日本年金機構の受領番号';
create index shintatsu_koui_of on ledger.shintatsu_koui (shintatsu_id, event_id);
create unique index shintatsu_koui_approval on ledger.shintatsu_koui (approval_id) where approval_id is not null;

-- 媒体通番, once for what was fixed: 001 to 999 of an office, then 001 again. numbers/ of the home knows it, too.
create table ledger.shintatsu_bango (
    approval_id bigint primary key references ledger.approval,
    shintatsu_id bigint not null references ledger.shintatsu,
    jimusho_code text not null,
    baitai_no smallint not null check (baitai_no between 1 and 999),
    given_at timestamptz not null default now()
);
comment on table ledger.shintatsu_bango is '媒体通番（年金事務所ごとに 001–999 の昇順、その後は 001）';

-- The records as they were fixed, with what each came from. The file is made of these rows and nothing else.
create table pension.shintatsu_kiroku (
    approval_id bigint not null,
    place integer not null,
    uketsuke_no text not null,
    uketsuke_id bigint,
    idou_approval_id bigint,
    atena_no text not null,
    ku_code text not null,
    due_on date not null,
    shien_flag boolean not null,
    youshiki_code text not null,
    todoke_code text not null,
    juri_on date not null,
    kiso_nenkin_no text,
    kojin_id bigint,
    name_kana text not null,
    name text not null,
    birth_on date not null,
    sex_code text,
    postal_code text,
    address text not null,
    gaitou_on date,
    jiyu_code text,
    shubetsu_code text,
    menjo_code text,
    from_month date,
    to_month date,
    keizoku_flag boolean,
    shitsugyo_flag boolean,
    gakko_name text,
    nenkin_code text,
    shousho_no text,
    seikyusha_name text,
    seikyusha_zokugara text,
    shibou_on date,
    shoshin_on date,
    shindansho_flag boolean,
    new_name_kana text,
    new_name text,
    prev_name text,
    prev_address text,
    bikou text,
    primary key (approval_id, place),
    constraint of_one check ((uketsuke_id is null) <> (idou_approval_id is null))
);
comment on table pension.shintatsu_kiroku is '進達の記録（確定したもの。受付の改訂又は承認した喪失から）';
comment on column pension.shintatsu_kiroku.approval_id is '確定の承認';
comment on column pension.shintatsu_kiroku.place is '並び';
comment on column pension.shintatsu_kiroku.uketsuke_no is '受付番号（職権報告は 9 と承認番号）';
comment on column pension.shintatsu_kiroku.uketsuke_id is '受付の改訂';
comment on column pension.shintatsu_kiroku.idou_approval_id is '異動の承認（職権報告）';
comment on column pension.shintatsu_kiroku.ku_code is '受付区';
comment on column pension.shintatsu_kiroku.due_on is '報告の期限（受理から14日）';
comment on column pension.shintatsu_kiroku.shien_flag is '支援措置対象者の世帯（紙に住所を出さない）';
create unique index shintatsu_kiroku_once on pension.shintatsu_kiroku (approval_id, uketsuke_no);
create index shintatsu_kiroku_of on pension.shintatsu_kiroku (uketsuke_no);
create index shintatsu_kiroku_person on pension.shintatsu_kiroku (atena_no);

-- What was put before another person is told with it, in one transaction, and never added to.
create function pension.shintatsu_kakutei_ni() returns trigger language plpgsql as $$
begin
    if exists (
        select from added as k left join ledger.approval as a using (approval_id)
        where a.kind is distinct from 'shintatsu' or a.made_at is distinct from now()
    ) then
        raise exception 'not what was proposed' using errcode = 'KN005';
    end if;
    return null;
end $$;
comment on function pension.shintatsu_kakutei_ni is '進達の記録は、確定と同時にだけ書く';
create trigger kakutei_ni after insert on pension.shintatsu_kiroku
referencing new table as added for each statement execute function pension.shintatsu_kakutei_ni();

-- What was a candidate when the report was fixed and did not go: held for a reason of its own, or left out by somebody.
create table pension.shintatsu_horyuu (
    approval_id bigint not null,
    uketsuke_no text not null,
    uketsuke_id bigint,
    idou_approval_id bigint,
    item text not null,
    kind text not null,
    primary key (approval_id, uketsuke_no, item)
);
comment on table pension.shintatsu_horyuu is '進達の保留（書けない項目、除いた理由）';

create table pension.shintatsu_jogai (
    event_id bigint primary key references audit.event,
    shintatsu_id bigint not null references ledger.shintatsu,
    uketsuke_no text not null,
    out boolean not null,
    why text not null
);
comment on table pension.shintatsu_jogai is '進達から除くこと（この回だけ）と、その取消し';
create index shintatsu_jogai_of on pension.shintatsu_jogai (shintatsu_id, uketsuke_no, event_id);

-- decides: what a report is now: under review, fixed, approved, made, handed over, received, refused by 日本年金機構, given up
create view ledger.shintatsu_ima as
select
    s.shintatsu_id, s.run_id, s.jimusho_code, s.opened_on, s.kakunin_until,
    case
        when l.act = 'cancel' then 'cancelled'
        when l.act = 'refuse' then 'refused'
        when l.act = 'receive' then 'received'
        when l.act = 'make' and h.output_id is not null then 'handed'
        when l.act = 'make' then 'made'
        when l.act = 'freeze' and a.decision = 'approved' then 'approved'
        when l.act = 'freeze' and a.decision is null and a.expires_at >= now() then 'frozen'
        else 'opened'
    end as state,
    f.approval_id, f.done_on as frozen_on, a.content_hash, a.maker, a.checker, a.decided_at, a.expires_at, b.baitai_no,
    m.output_id, o.name, o.rows, o.sha256, o.released_at as made_at, d.medium_no, h.handed_on, h.receiver, h.receipt_no,
    r.done_on as received_on, r.number as received_no
from ledger.shintatsu as s
left join lateral (
    select k.act from ledger.shintatsu_koui as k where k.shintatsu_id = s.shintatsu_id order by k.event_id desc limit 1
) as l on true
left join lateral (
    select k.approval_id, k.done_on, k.event_id from ledger.shintatsu_koui as k
    where k.shintatsu_id = s.shintatsu_id and k.act = 'freeze' order by k.event_id desc limit 1
) as f on true
left join ledger.approval as a on a.approval_id = f.approval_id
left join ledger.shintatsu_bango as b on b.approval_id = f.approval_id
left join ledger.shintatsu_koui as m on m.shintatsu_id = s.shintatsu_id and m.act = 'make'
left join ledger.output as o on o.output_id = m.output_id
left join ledger.medium as d on d.output_id = m.output_id
left join ledger.hikiwatashi as h on h.output_id = m.output_id
left join ledger.shintatsu_koui as r on r.shintatsu_id = s.shintatsu_id and r.act in ('receive', 'refuse');
comment on view ledger.shintatsu_ima is '進達の今の状態';

create function ledger.shintatsu_hiraku(
    p_jimusho_code text, p_opened_on date, p_kakunin_until date, p_run_id uuid, p_user text, p_unit text, p_terminal text,
    p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    v_id bigint;
begin
    perform pg_advisory_xact_lock(4735);
    -- the same run again, or one that is still under way: there is one report of an office at a time
    select i.shintatsu_id into v_id from ledger.shintatsu_ima as i
    where i.jimusho_code = p_jimusho_code and (i.run_id = p_run_id or i.state in ('opened', 'frozen', 'approved'))
    order by i.shintatsu_id desc limit 1;
    if v_id is null then
        insert into ledger.shintatsu (event_id, run_id, jimusho_code, opened_on, kakunin_until)
        values (
            audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '進達開始', 'shintatsu/' || p_jimusho_code,
                json_build_object('opened_on', p_opened_on, 'kakunin_until', p_kakunin_until)::text),
            p_run_id, p_jimusho_code, p_opened_on, p_kakunin_until
        ) returning shintatsu_id into v_id;
    end if;
    return v_id;
end $$;
comment on function ledger.shintatsu_hiraku is '進達の回を始める（続いているものがあれば、それ）';

-- One act on a report: possible in its state or refused. p_counts: what the record says of it.
create function ledger.shintatsu_suru(
    p_shintatsu_id bigint, p_act text, p_done_on date, p_approval_id bigint, p_output_id bigint, p_number text, p_counts json,
    p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    i ledger.shintatsu_ima;
    v_event bigint;
begin
    if not shokuin.may(p_user) and p_act <> 'make' then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
    perform from ledger.shintatsu where shintatsu_id = p_shintatsu_id for update;
    select * into i from ledger.shintatsu_ima where shintatsu_id = p_shintatsu_id;
    if not exists (select from ledger.shintatsu_michi as m where m.act = p_act and m.state = i.state) then
        raise exception 'not in this state' using errcode = 'KN081';
    end if;
    if p_done_on < i.opened_on or (p_act in ('receive', 'refuse') and p_done_on < i.handed_on) then
        raise exception 'before what was done last' using errcode = 'KN024';
    end if;
    if p_act = 'freeze' and not exists (  -- put before another person just now; none that was decided, or is of something else
        select from ledger.approval as a
        where a.approval_id = p_approval_id and a.kind = 'shintatsu' and a.run_id = p_run_id and a.made_at = now()
            and a.decision is null
    ) then
        raise exception 'not what was proposed' using errcode = 'KN005';
    end if;
    if p_act = 'make' and not exists (
        select from ledger.output as o where o.output_id = p_output_id and o.approval_id = i.approval_id
    ) then
        raise exception 'not what was approved' using errcode = 'KN005';
    end if;
    v_event := audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null,
        case p_act when 'freeze' then '進達確定' when 'thaw' then '進達確定取消し' when 'make' then '進達作成' when 'receive' then '進達受領'
            when 'refuse' then '進達不受理' when 'cancel' then '進達取止め' end,
        'shintatsu/' || i.jimusho_code || '/' || i.opened_on,
        (coalesce(p_counts::jsonb, '{}') || jsonb_build_object('report', p_shintatsu_id))::text);
    insert into ledger.shintatsu_koui (event_id, shintatsu_id, act, approval_id, output_id, done_on, number)
    values (v_event, p_shintatsu_id, p_act, p_approval_id, p_output_id, p_done_on, p_number);
    return v_event;
end $$;
comment on function ledger.shintatsu_suru is '進達の行為（その状態でできることだけ）';

create function ledger.shintatsu_nozoku(
    p_shintatsu_id bigint, p_uketsuke_no text, p_out boolean, p_why text, p_run_id uuid, p_user text, p_unit text,
    p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    i ledger.shintatsu_ima;
    v_event bigint;
begin
    if not shokuin.may(p_user) then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
    perform from ledger.shintatsu where shintatsu_id = p_shintatsu_id for update;
    select * into i from ledger.shintatsu_ima where shintatsu_id = p_shintatsu_id;
    if i.state is distinct from 'opened' then
        raise exception 'not in this state' using errcode = 'KN081';
    end if;
    v_event := audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null,
        case when p_out then '進達除外' else '進達除外取消し' end, 'shintatsu/' || i.jimusho_code || '/' || i.opened_on,
        json_build_object('report', p_shintatsu_id, 'uketsuke_no', p_uketsuke_no)::text);
    insert into pension.shintatsu_jogai values (v_event, p_shintatsu_id, p_uketsuke_no, p_out, p_why);
    return v_event;
end $$;
comment on function ledger.shintatsu_nozoku is '進達から除く・除くのをやめる（確定の前だけ）';

-- What was reported: the records of the media that were made, and not given up or refused as a whole. Reported on the day of the
-- 引渡し.
create view pension.shintatsu_okutta as
select
    k.approval_id, k.place, k.uketsuke_no, k.uketsuke_id, k.idou_approval_id, k.atena_no, k.todoke_code, k.ku_code, k.juri_on,
    k.due_on, i.shintatsu_id, i.jimusho_code, i.state, i.output_id, i.name as file_name, i.baitai_no, i.handed_on, i.made_at,
    k.jiyu_code, k.gaitou_on
from pension.shintatsu_kiroku as k join ledger.shintatsu_ima as i using (approval_id)
where i.state in ('made', 'handed', 'received');
comment on view pension.shintatsu_okutta is '進達したもの（媒体を作成し、取り止めていないもの）';

-- Whom a report may be about: what was fixed in a report that was approved.
create view pension.shintatsu_taisho as
select k.uketsuke_no, k.atena_no, k.approval_id
from pension.shintatsu_kiroku as k join ledger.shintatsu_ima as i using (approval_id)
where i.state in ('approved', 'made', 'handed', 'received');
comment on view pension.shintatsu_taisho is '進達してよい記録（承認された確定）';
