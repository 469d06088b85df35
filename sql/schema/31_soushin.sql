-- 送信: which files went to a partner's server and what it said of them; what came from there. Nothing is sent twice by itself
-- (P57, P86; F26, F27).

create table ledger.saisou (
    approval_id bigint primary key references ledger.approval,
    output_id bigint not null references ledger.output
);
comment on table ledger.saisou is '再送の起案（承認されれば、同じ名前・同じ内容をもう一度だけ送る）';
create index saisou_of on ledger.saisou (output_id);

create table ledger.soushin (
    soushin_id bigint generated always as identity primary key,
    output_id bigint not null references ledger.output,
    attempt smallint not null check (attempt >= 0),
    approval_id bigint unique references ledger.saisou,
    run_id uuid not null references ledger.run,
    partner text not null,
    host_key text not null,
    business_on date not null,
    placed_at timestamptz not null default now(),
    sent_at timestamptz,
    due_on date,
    constraint soushin_once unique (output_id, attempt),
    constraint again_by_two check (attempt <= 1 or approval_id is not null)
);
comment on table ledger.soushin is '相手先への送信（一回ごと）';
comment on column ledger.soushin.attempt is '何回目か（0: このソフトウェアが送る前に、送信フォルダーから手で持ち出されたもの）';
comment on column ledger.soushin.approval_id is '再送の承認';
comment on column ledger.soushin.partner is '相手先（mappings/partners.yaml）';
comment on column ledger.soushin.host_key is '相手先のサーバーの鍵の指紋';
comment on column ledger.soushin.business_on is '送った実行の業務日';
comment on column ledger.soushin.placed_at is '本体が相手先に置かれた日時（.end はこの後）';
comment on column ledger.soushin.sent_at is '.end まで置かれた日時';
comment on column ledger.soushin.due_on is '受領確認の期限（業務日から数える。空: 求めない）';

create table ledger.juryou (
    juryou_id bigint generated always as identity primary key,
    partner text not null,
    name text not null,
    sha256 text not null,
    bytes bigint not null,
    left_at timestamptz not null,
    soushin_id bigint references ledger.soushin,
    result text not null check (result in ('accepted', 'refused', 'unreadable', 'foreign', 'stray')),
    received_at timestamptz,
    run_id uuid not null references ledger.run,
    noted_at timestamptz not null default now(),
    constraint juryou_once unique (partner, name, sha256),
    constraint of_what check ((soushin_id is null) = (result = 'stray'))
);
comment on table ledger.juryou is '相手先の受領の知らせ（.ack。読んだものごと）';
comment on column ledger.juryou.name is '何を受け取ったかの、ファイルの名前';
comment on column ledger.juryou.sha256 is '知らせそのもののハッシュ（同じものは一度だけ記す）';
comment on column ledger.juryou.left_at is '相手先に置かれた日時（相手先の時計）';
comment on column ledger.juryou.result is '受領・拒否、読めない、別のファイルのもの、送っていないもの';
comment on column ledger.juryou.received_at is '相手先がいう受領日時';
create index juryou_of on ledger.juryou (soushin_id);

create table ledger.jushin (
    jushin_id bigint generated always as identity primary key,
    partner text not null,
    dataset text not null,
    name text not null,
    bytes bigint not null,
    sha256 text not null,
    run_id uuid not null references ledger.run,
    fetched_at timestamptz not null default now(),
    constraint jushin_once unique (partner, name, sha256)
);
comment on table ledger.jushin is '相手先から受け取ったファイル';

-- decides: what became of a file that was sent: its last attempt, and what the recipient said of that one
create view ledger.soushin_ima as
select distinct on (s.output_id) s.soushin_id, s.output_id, s.attempt, s.partner, s.placed_at, s.sent_at, s.due_on,
    o.dataset, o.period, o.name, o.rows, o.sha256,
    case
        when k.accepted and k.refused then 'conflict'
        when k.accepted then 'confirmed'
        when k.refused then 'refused'
        when s.sent_at is null then 'begun'
        else 'waiting'
    end as state,
    coalesce(k.odd, 0) as odd
from ledger.soushin as s
join ledger.output as o using (output_id)
left join lateral (
    select bool_or(result = 'accepted') as accepted, bool_or(result = 'refused') as refused,
        count(*) filter (where result in ('unreadable', 'foreign')) as odd
    from ledger.juryou as a where a.soushin_id = s.soushin_id
) as k on true
order by s.output_id, s.attempt desc;
comment on view ledger.soushin_ima is '送ったファイルの今（最後の送信と、それについての受領の知らせ）';

-- What left before files were sent was collected by hand from the outbox: it goes again only when two people say so.
insert into ledger.soushin (output_id, attempt, run_id, partner, host_key, business_on, placed_at, sent_at)
select output_id, 0, run_id, case dataset when 'juki_shoukai' then 'kiban-juminhyo' else 'kiban-zei' end, '-', created_on,
    released_at, released_at
from ledger.output
where released_at is not null and dataset in ('juki_shoukai', 'shotoku_shoukai');
