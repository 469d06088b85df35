-- 媒体: which archive was written onto which medium of the register, the count at the end of a month, and the end of the month.
-- Rows are only added, each with its event, by the functions below; a writing stands here before anything is on the medium
-- (P39, P40, P70, P82).

create table ledger.baitai_kakinaoshi (
    approval_id bigint primary key references ledger.approval,
    event_id bigint not null references audit.event,
    medium_no bigint not null references ledger.medium
);
comment on table ledger.baitai_kakinaoshi is '同じ暗号化ファイルをもう一度媒体に書くことの申請';
comment on column ledger.baitai_kakinaoshi.medium_no is '媒体番号（暗号化ファイルの番号）';

create table ledger.baitai_kakikomi (
    event_id bigint primary key references audit.event,
    register text not null default 'baitai' check (register = 'baitai'),
    number integer not null,
    medium_no bigint not null references ledger.medium,
    written_on date not null,
    approval_id bigint unique references ledger.baitai_kakinaoshi,
    verified_at timestamptz
);
comment on table ledger.baitai_kakikomi is '媒体への書込み（書く前に記録する）';
comment on column ledger.baitai_kakikomi.register is '台帳（媒体）';
comment on column ledger.baitai_kakikomi.number is '台帳番号';
comment on column ledger.baitai_kakikomi.medium_no is '媒体番号（収めた暗号化ファイルの番号）';
comment on column ledger.baitai_kakikomi.written_on is '書いた日';
comment on column ledger.baitai_kakikomi.approval_id is '書直しの承認';
comment on column ledger.baitai_kakikomi.verified_at is '媒体から読み戻して同じと確かめた日時';
create index baitai_kakikomi_of on ledger.baitai_kakikomi (number);
create index baitai_kakikomi_medium on ledger.baitai_kakikomi (medium_no);

-- decides: which archives are on which medium now, and whether it went out with them
-- They are there until two people agreed that it was wiped since, or is gone. What was begun counts as if it were there.
create view ledger.baitai_noru as
select
    k.event_id, k.number, k.medium_no, k.written_on, k.verified_at, m.kind, m.recipient, m.archive_name, m.archive_sha256,
    m.key_name, m.output_id, h.handed_on, h.receiver, h.receipt_no,
    exists (
        select from ledger.daichou_ido as i
        where i.register = 'baitai' and i.number = k.number and i.act = 'out' and i.event_id > k.event_id
    ) as given
from ledger.baitai_kakikomi as k
join ledger.daichou_ima as d on d.register = 'baitai' and d.number = k.number
join ledger.medium as m on m.medium_no = k.medium_no
left join ledger.hikiwatashi as h on h.output_id = m.output_id
where d.state not in ('gone', 'void') and not exists (
    select from ledger.daichou_houkoku as r join ledger.approval as a using (approval_id)
    where r.register = 'baitai' and r.number = k.number and r.reuse and a.decision = 'approved'
        and r.event_id > k.event_id and r.done_on >= k.written_on
);
comment on view ledger.baitai_noru is '媒体に今あるもの';

-- The day is today's, or the medium was wiped later than it was written. The same onto the same again is what was begun before.
create function ledger.baitai_kaku(
    p_number integer, p_medium_no bigint, p_on date, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    d ledger.daichou_ima;
    m ledger.medium;
    begun bigint;
    agreed bigint;
begin
    perform ledger.daichou_turn(p_user);
    d := ledger.daichou_of('baitai', p_number, '{held}');
    select * into strict m from ledger.medium where medium_no = p_medium_no;
    select event_id into begun from ledger.baitai_noru where number = p_number and medium_no = p_medium_no and not given;
    if begun is not null then
        return begun;
    end if;
    if p_on < greatest(d.from_on, d.in_on, d.wiped_on) then
        raise exception 'before what was done last' using errcode = 'KN024';
    end if;
    if exists (select from ledger.baitai_noru where number = p_number and recipient <> m.recipient) then
        raise exception 'carries another recipient''s' using errcode = 'KN061';
    end if;
    if exists (select from ledger.baitai_noru where medium_no = p_medium_no)
        or exists (select from ledger.hikiwatashi where output_id = m.output_id)
    then
        select w.approval_id into agreed
        from ledger.baitai_kakinaoshi as w join ledger.approval as a using (approval_id)
        where w.medium_no = p_medium_no and a.decision = 'approved'
            and not exists (select from ledger.baitai_kakikomi as k where k.approval_id = w.approval_id)
        order by 1 limit 1;
        if agreed is null then
            raise exception 'there, or given, already' using errcode = 'KN062';
        end if;
    end if;
    begun := audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '媒体書込',
        'daichou/baitai/' || p_number,
        json_build_object('medium_no', p_medium_no, 'archive', m.archive_name, 'sha256', m.archive_sha256,
            'approval', agreed)::text);
    insert into ledger.baitai_kakikomi (event_id, number, medium_no, written_on, approval_id)
    values (begun, p_number, p_medium_no, p_on, agreed);
    return begun;
end $$;
comment on function ledger.baitai_kaku is '媒体への書込みを記録する（書く前）';

create function ledger.baitai_terasu(
    p_event_id bigint, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns void language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    k ledger.baitai_kakikomi;
begin
    perform ledger.daichou_turn(p_user);
    select w.* into k
    from ledger.baitai_kakikomi as w join ledger.baitai_noru as n using (event_id) where w.event_id = p_event_id;
    if k.event_id is null then
        raise exception 'not there any more' using errcode = 'KN063';
    end if;
    if k.verified_at is null then
        update ledger.baitai_kakikomi set verified_at = now() where event_id = p_event_id;
        perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '媒体照合',
            'daichou/baitai/' || k.number,
            json_build_object('medium_no', k.medium_no)::text);
    end if;
end $$;
comment on function ledger.baitai_terasu is '媒体から読み戻して同じだったことを記録する';

create function ledger.baitai_kakinaosu(
    p_medium_no bigint, p_subject text, p_days integer, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    asked bigint;
begin
    perform ledger.daichou_turn(p_user);
    insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)
    values ('kakinaoshi', p_run_id, p_subject,
        encode(sha256(convert_to(json_build_array(
            p_medium_no, (select count(*) from ledger.baitai_kakikomi where medium_no = p_medium_no)
        )::text, 'UTF8')), 'hex'),
        p_user, now() + make_interval(days => p_days))
    returning approval_id into asked;
    insert into ledger.baitai_kakinaoshi values (asked,
        audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '媒体書直し起案',
            'medium/' || p_medium_no,
            json_build_object('approval', asked)::text), p_medium_no);
    return asked;
end $$;
comment on function ledger.baitai_kakinaosu is '同じ暗号化ファイルをもう一度書くことの申請（承認待ちになる）';

-- What one person counted; whether another one found the same, the approval says.
create table ledger.tanaoroshi (
    approval_id bigint primary key references ledger.approval,
    event_id bigint not null references audit.event,
    month text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
    counted_on date not null,
    seen integer not null check (seen >= 0),
    missing integer[] not null,
    strange text[] not null
);
comment on table ledger.tanaoroshi is '媒体の月末の棚卸し（別の職員が確認する）';
comment on column ledger.tanaoroshi.month is '月';
comment on column ledger.tanaoroshi.counted_on is '数えた日';
comment on column ledger.tanaoroshi.seen is 'あったものの数';
comment on column ledger.tanaoroshi.missing is '台帳にあって、見当たらないもの（台帳番号）';
comment on column ledger.tanaoroshi.strange is 'あったのに、台帳では手元にないもの（製造番号）';
create index tanaoroshi_of on ledger.tanaoroshi (month);

-- decides: what came of counting the media of a month: waits for another person, agrees with the register, differs
-- The last count that nobody rejected and that did not run out.
create view ledger.tanaoroshi_ima as
select distinct on (t.month)
    t.*, a.maker, a.checker,
    case
        when a.decision is null then 'waits' when t.missing <> '{}' or t.strange <> '{}' then 'differs' else 'agrees'
    end as state
from ledger.tanaoroshi as t
join ledger.approval as a using (approval_id)
where a.decision = 'approved' or a.decision is null and a.expires_at >= now()
order by t.month, t.event_id desc;
comment on view ledger.tanaoroshi_ima is '月ごとの棚卸しの今';

create table ledger.tsukijime (
    month text primary key check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
    event_id bigint not null references audit.event,
    approval_id bigint not null references ledger.tanaoroshi
);
comment on table ledger.tsukijime is '媒体の月次締め';
comment on column ledger.tsukijime.month is '月';

create function ledger.tanaoroshi_put(
    p_count json, p_subject text, p_days integer, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    t ledger.tanaoroshi := json_populate_record(null::ledger.tanaoroshi, p_count);
begin
    perform ledger.daichou_turn(p_user);
    if exists (select from ledger.tsukijime as c where c.month = t.month) then
        raise exception 'closed' using errcode = 'KN066';
    end if;
    insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)
    values ('tanaoroshi', p_run_id, p_subject, encode(sha256(convert_to(p_count::text, 'UTF8')), 'hex'), p_user,
        now() + make_interval(days => p_days))
    returning approval_id into t.approval_id;
    t.event_id := audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '棚卸し',
        'baitai/' || t.month,
        json_build_object('seen', t.seen, 'missing', cardinality(t.missing), 'strange', cardinality(t.strange),
            'approval', t.approval_id)::text);
    insert into ledger.tanaoroshi select t.*;
    return t.approval_id;
end $$;
comment on function ledger.tanaoroshi_put is '棚卸しの報告（承認待ちになる）';

create function ledger.tsukijime_put(
    p_month text, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns void language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    t ledger.tanaoroshi_ima;
begin
    perform ledger.daichou_turn(p_user);
    if exists (select from ledger.tsukijime as c where c.month = p_month) then
        raise exception 'closed' using errcode = 'KN066';
    end if;
    select * into t from ledger.tanaoroshi_ima where month = p_month;
    if t.approval_id is null or t.state = 'waits' then
        raise exception 'not counted by two' using errcode = 'KN064';
    end if;
    if t.state = 'differs' then
        raise exception 'differs' using errcode = 'KN065';
    end if;
    insert into ledger.tsukijime values (p_month,
        audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '月次締め',
            'baitai/' || p_month,
            json_build_object('approval', t.approval_id, 'media', t.seen)::text), t.approval_id);
end $$;
comment on function ledger.tsukijime_put is '媒体の月次締め（二人の棚卸しが台帳と合うとき）';

-- The business day of the run that entered each medium: from that month on they are counted.
create view ledger.baitai_hajime as
select d.number, d.kind, r.business_on as first_on
from ledger.daichou_ima as i
join ledger.daichou as d on d.register = i.register and d.number = i.number and d.version = 1
join audit.event as e on e.event_id = d.event_id
join ledger.run as r on r.run_id = e.run_id
where i.register = 'baitai' and i.state <> 'void';
comment on view ledger.baitai_hajime is '媒体が台帳に入った業務日';
