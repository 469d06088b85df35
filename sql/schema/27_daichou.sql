-- 台帳: paper, media and disks, copies at contractors: what there is, who has it, when it must be gone. Rows are only added, each
-- with its event, by the functions below: of an entry the newest confirmed version counts, and it is gone when another person has
-- confirmed the report.

create table ledger.daichou (
    register text not null check (register in ('kami', 'baitai', 'fukusei')),
    number integer not null check (number > 0),
    version integer not null check (version > 0),
    kind text not null,
    mark text not null,
    ku_code text,
    from_on date,
    to_on date,
    keep text not null,
    due_on date,
    quantity integer not null check (quantity > 0),
    key_name text,
    holder text,
    soujusho_no text,
    content text,
    media_name text,
    void boolean not null default false,
    approval_id bigint unique references ledger.approval,
    event_id bigint not null references audit.event,
    primary key (register, number, version),
    constraint in_order check (from_on <= to_on),
    constraint first_or_confirmed check ((version = 1) = (approval_id is null)),
    constraint items check (case register
        when 'kami' then ku_code is not null and from_on is not null and to_on is not null
        when 'baitai' then holder is not null and from_on is not null
        else num_nulls(holder, from_on, due_on, soujusho_no, content, media_name) = 0 end)
);
comment on table ledger.daichou is '紙・媒体・委託先の複製の台帳（版ごと。訂正は別の職員の承認で効く）';
comment on column ledger.daichou.register is '台帳（kami: 紙、baitai: 媒体・ディスク、fukusei: 委託先の複製）';
comment on column ledger.daichou.number is '台帳番号';
comment on column ledger.daichou.mark is '箱番号・製造番号・指示番号';
comment on column ledger.daichou.ku_code is '受付区';
comment on column ledger.daichou.from_on is '初日（媒体は登録日、複製は引渡日）';
comment on column ledger.daichou.to_on is '末日';
comment on column ledger.daichou.keep is '保存期間';
comment on column ledger.daichou.due_on is '期限（この日まで。翌日から期限超過）';
comment on column ledger.daichou.key_name is '鍵・パスワードの保管番号';
comment on column ledger.daichou.holder is '保管者・委託先';
comment on column ledger.daichou.soujusho_no is '送受書の番号';
comment on column ledger.daichou.content is '内容';
comment on column ledger.daichou.media_name is '媒体名';
comment on column ledger.daichou.void is '登録の取消し（誤って登録したもの）';
create index daichou_mark on ledger.daichou (register, mark);

create table ledger.daichou_ido (
    event_id bigint primary key references audit.event,
    register text not null check (register = 'baitai'),
    number integer not null,
    act text not null check (act in ('out', 'in')),
    moved_on date not null,
    holder text not null,
    due_on date,
    medium_no bigint references ledger.medium,
    constraint out_until check ((act = 'out') = (due_on is not null) and due_on >= moved_on)
);
comment on table ledger.daichou_ido is '媒体の持出し・返却';
comment on column ledger.daichou_ido.holder is '渡した相手・受け取った者';
comment on column ledger.daichou_ido.due_on is '返却の期限';
comment on column ledger.daichou_ido.medium_no is '媒体番号（収めた移転の暗号化ファイル）';
create index daichou_ido_of on ledger.daichou_ido (register, number);

-- What one person reports; whether it is so, the approval says.
create table ledger.daichou_houkoku (
    approval_id bigint primary key references ledger.approval,
    event_id bigint not null references audit.event,
    register text not null,
    number integer not null,
    version integer not null,
    method text not null,
    certificate_no text not null check (certificate_no <> ''),
    quantity integer not null,
    done_on date not null,
    done_by text not null check (done_by <> ''),
    received_on date not null,
    reuse boolean not null default false check (not reuse or register = 'baitai'),
    foreign key (register, number, version) references ledger.daichou,
    constraint in_order check (done_on <= received_on)
);
comment on table ledger.daichou_houkoku is '廃棄・消去・返却の報告（別の職員が確認して初めて廃棄済になる）';
comment on column ledger.daichou_houkoku.method is '方法';
comment on column ledger.daichou_houkoku.certificate_no is '証明書の番号';
comment on column ledger.daichou_houkoku.done_on is '処理日';
comment on column ledger.daichou_houkoku.done_by is '処理した担当者';
comment on column ledger.daichou_houkoku.received_on is '報告を受けた日';
comment on column ledger.daichou_houkoku.reuse is '消去して使い続ける（台帳に残る）';
create index daichou_houkoku_of on ledger.daichou_houkoku (register, number);

-- decides: what an entry of a register is now (held, out; asked: reported by one person, gone: confirmed by another; void)
-- Until a report is confirmed the entry is there, and its limit runs on; a report that was rejected or ran out is none. A medium
-- that was wiped to be used again stays.
create view ledger.daichou_ima as
select
    d.*,
    case
        when d.void then 'void' when h.decision = 'approved' then 'gone' when h.approval_id is not null then 'asked'
        when i.act = 'out' then 'out' else 'held'
    end as state,
    case when i.act = 'out' then i.holder end as out_to, case when i.act = 'out' then i.moved_on end as out_on,
    case when i.act = 'out' then i.due_on end as out_due_on, i.medium_no, case when i.act = 'in' then i.moved_on end as in_on,
    w.wiped_on, h.method, h.certificate_no, h.done_on, h.done_by, h.received_on, h.maker as reported_by,
    case when h.decision = 'approved' then h.checker end as confirmed_by,
    case
        when not d.void and h.decision is distinct from 'approved' then least(d.due_on, case when i.act = 'out' then i.due_on end)
    end as limit_on
from (
    select distinct on (v.register, v.number) v.*
    from ledger.daichou as v left join ledger.approval as a using (approval_id)
    where v.approval_id is null or a.decision = 'approved' order by v.register, v.number, v.version desc
) as d
left join lateral (
    select m.act, m.holder, m.moved_on, m.due_on, m.medium_no from ledger.daichou_ido as m
    where m.register = d.register and m.number = d.number order by m.event_id desc limit 1
) as i on true
left join lateral (
    select r.*, a.decision, a.maker, a.checker from ledger.daichou_houkoku as r join ledger.approval as a using (approval_id)
    where r.register = d.register and r.number = d.number
        and (a.decision = 'approved' and not r.reuse or a.decision is null and a.expires_at >= now())
    order by a.decision nulls last limit 1
) as h on true
left join lateral (
    select max(r.done_on) as wiped_on from ledger.daichou_houkoku as r join ledger.approval as a using (approval_id)
    where r.register = d.register and r.number = d.number and a.decision = 'approved' and r.reuse
) as w on true;
comment on view ledger.daichou_ima is '台帳の今の状態';

-- One change of the registers at a time; by somebody in force.
create function ledger.daichou_turn(p_user text) returns void
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
    lock table ledger.daichou in share row exclusive mode;
    if not shokuin.may(p_user) then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
end $$;
comment on function ledger.daichou_turn is '台帳の変更を一つずつにする';

create function ledger.daichou_of(p_register text, p_number integer, p_states text[]) returns ledger.daichou_ima
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    d ledger.daichou_ima;
begin
    select * into d from ledger.daichou_ima where register = p_register and number = p_number;
    if d.number is null then
        raise exception 'no such entry' using errcode = 'KN021';
    end if;
    if not d.state = any (p_states) or exists (
        select from ledger.daichou as v join ledger.approval as a using (approval_id)
        where v.register = p_register and v.number = p_number and a.decision is null and a.expires_at >= now()
    ) then
        raise exception 'not in a state for this' using errcode = 'KN022';
    end if;
    return d;
end $$;
comment on function ledger.daichou_of is '台帳の1件（これができる状態のもの）';

create function ledger.daichou_put(
    p_entry json, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns integer language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    e ledger.daichou := json_populate_record(null::ledger.daichou, p_entry);
begin
    perform ledger.daichou_turn(p_user);
    if exists (
        select from ledger.daichou_ima as d
        where d.register = e.register and d.mark = e.mark and d.kind = e.kind and d.state not in ('gone', 'void')
            and (d.ku_code, d.from_on, d.content) is not distinct from (e.ku_code, e.from_on, e.content)
    ) then
        raise exception 'there already' using errcode = 'KN023';
    end if;
    e.number := coalesce((select max(d.number) from ledger.daichou as d where d.register = e.register), 0) + 1;
    e.version := 1; e.void := false; e.approval_id := null;
    e.event_id := audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '台帳登録',
        'daichou/' || e.register || '/' || e.number,
        json_build_object('kind', e.kind, 'quantity', e.quantity, 'due_on', e.due_on)::text);
    insert into ledger.daichou select e.*;
    return e.number;
end $$;
comment on function ledger.daichou_put is '台帳に登録する';

create function ledger.daichou_move(
    p_number integer, p_act text, p_on date, p_holder text, p_due_on date, p_medium_no bigint, p_run_id uuid, p_user text,
    p_unit text, p_terminal text, p_reason text
) returns text language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    d ledger.daichou_ima;
    whose text;
begin
    perform ledger.daichou_turn(p_user);
    d := ledger.daichou_of('baitai', p_number, array[case p_act when 'out' then 'held' else 'out' end]);
    if p_on < coalesce(d.out_on, d.in_on, d.from_on) then
        raise exception 'before what was done last' using errcode = 'KN024';
    end if;
    whose := coalesce(p_holder, d.holder);
    insert into ledger.daichou_ido (event_id, register, number, act, moved_on, holder, due_on, medium_no)
    select audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null,
            case p_act when 'out' then '媒体持出' else '媒体返却' end, 'daichou/baitai/' || p_number,
            json_build_object('on', p_on, 'due_on', p_due_on, 'medium_no', p_medium_no)::text),
        'baitai', p_number, p_act, p_on, whose, p_due_on, p_medium_no;
    return whose;
end $$;
comment on function ledger.daichou_move is '媒体の持出し・返却を登録する';

-- What waits for a second person, with its hash: what was reported or is to be corrected, of this version of the entry.
create function ledger.daichou_ask(p_subject text, p_content text, p_days integer, p_run_id uuid, p_user text) returns bigint
language sql security definer set search_path = ledger, pg_temp as $$
    insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)
    values ('haiki', p_run_id, p_subject, encode(sha256(convert_to(p_content, 'UTF8')), 'hex'), p_user,
        now() + make_interval(days => p_days))
    returning approval_id
$$;
comment on function ledger.daichou_ask is '台帳の承認待ちを作る';

create function ledger.daichou_report(
    p_register text, p_number integer, p_report json, p_subject text, p_days integer, p_run_id uuid, p_user text, p_unit text,
    p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    d ledger.daichou_ima;
    r ledger.daichou_houkoku := json_populate_record(null::ledger.daichou_houkoku, p_report);
begin
    perform ledger.daichou_turn(p_user);
    d := ledger.daichou_of(p_register, p_number, '{held,out}');
    if r.quantity <> d.quantity then
        raise exception 'not all of it' using errcode = 'KN025';
    end if;
    if r.done_on < coalesce(d.to_on, d.from_on) then
        raise exception 'before what was done last' using errcode = 'KN024';
    end if;
    r.register := p_register; r.number := p_number; r.version := d.version;
    r.reuse := coalesce(r.reuse, false);
    r.approval_id := ledger.daichou_ask(
        p_subject, json_build_array(p_register, p_number, d.version, p_report)::text, p_days, p_run_id, p_user
    );
    r.event_id := audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '廃棄報告',
        'daichou/' || p_register || '/' || p_number,
        json_build_object('method', r.method, 'certificate_no', r.certificate_no, 'done_on', r.done_on,
            'approval', r.approval_id)::text);
    insert into ledger.daichou_houkoku select r.*;
    return r.approval_id;
end $$;
comment on function ledger.daichou_report is '廃棄・消去・返却の報告（承認待ちになる）';

create function ledger.daichou_revise(
    p_entry json, p_subject text, p_days integer, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    e ledger.daichou := json_populate_record(null::ledger.daichou, p_entry);
begin
    perform ledger.daichou_turn(p_user);
    perform ledger.daichou_of(e.register, e.number, '{held,out}');
    e.void := coalesce(e.void, false);
    e.version := (select max(v.version) + 1 from ledger.daichou as v where v.register = e.register and v.number = e.number);
    e.approval_id := ledger.daichou_ask(
        p_subject, json_build_array(e.register, e.number, e.version, p_entry)::text, p_days, p_run_id, p_user
    );
    e.event_id := audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '台帳訂正起案',
        'daichou/' || e.register || '/' || e.number,
        json_build_object('void', e.void, 'due_on', e.due_on, 'approval', e.approval_id)::text);
    insert into ledger.daichou select e.*;
    return e.approval_id;
end $$;
comment on function ledger.daichou_revise is '台帳の訂正・取消し（承認待ちになる）';
