-- 審査に使う所得、保留した回答の承認。
-- Whose income of which 相当年度 the newest revision of an open, confirmed intake needs (規則第77条の2: July-June; students April-March;
-- 申請 reaches 2 years and a month back; at most four years at once). What is asked, judged and printed, all come from here.
create view pension.shotoku_needed as
with needing as (
    select
        u.*,
        -- months between a 年度 and the calendar year that begins it
        make_interval(months => case u.todoke_code when '42' then 3 else 6 end) as shifted,
        greatest(u.menjo_from_month, date_trunc('month', u.juri_on) - interval '25 months') as first_month,
        coalesce(u.menjo_to_month, u.menjo_from_month) as last_month
    from pension.uketsuke_ima as u
    where u.kakunin_flag and u.jotai_code in ('1', '2', '5') and u.todoke_code in ('41', '42', '52', '60')
),
spanned as (
    select
        n.*,
        case when todoke_code in ('52', '60') then extract(year from juri_on - shifted)
            when menjo_from_month is null then menjo_year else extract(year from first_month - shifted) end::integer as first_year,
        case when todoke_code in ('52', '60') then extract(year from juri_on - shifted)
            when menjo_from_month is null then menjo_year else extract(year from last_month - shifted) end::integer as last_year
    from needing as n
)
select distinct on (s.uketsuke_no, p.atena_no, y.soutou_year)
    s.uketsuke_no, p.kankei_code, p.atena_no, y.soutou_year,
    case s.todoke_code when '42' then '03' when '52' then '04' when '60' then '05' else case s.menjo_code when '30' then '02' else '01' end end
        as shoukai_jiyu_code
from spanned as s
cross join lateral (
    values ('1', s.atena_no), ('2', case when s.todoke_code = '41' then s.haiguusha_atena_no end),
        ('3', case when s.todoke_code = '41' and s.menjo_code is distinct from '30' then s.setainushi_atena_no end)
) as p (kankei_code, atena_no)
cross join lateral generate_series(s.first_year, least(s.last_year, s.first_year + 3)) as y (soutou_year)
where p.atena_no is not null
order by s.uketsuke_no, p.atena_no, y.soutou_year, p.kankei_code;
comment on view pension.shotoku_needed is '受付が必要とする所得（人・相当年度）';
grant select on pension.shotoku_needed to kokunen_app;

-- The same with its answers: what the review of an application reads, a 相当年度 at a time.
create view pension.shotoku_of_intake as
select n.uketsuke_no, n.soutou_year, jsonb_agg(
    jsonb_build_object('kankei_code', n.kankei_code, 'answered', s.shotoku_id is not null, 'kaitou_code', s.kaitou_code,
        'mishinkoku', s.mishinkoku_flag, 'income', to_jsonb(s)) order by n.kankei_code
) as persons, bool_and(s.shotoku_id is not null) as answered,
    array_agg(concat_ws(':', n.kankei_code, n.atena_no, s.shotoku_id) order by n.kankei_code) as shown
from pension.shotoku_needed as n
left join pension.shotoku_shoukai as q using (uketsuke_no, atena_no, soutou_year)
left join pension.shotoku as s on s.shoukai_no = q.shoukai_no and s.superseded_at is null
group by n.uketsuke_no, n.soutou_year;
comment on view pension.shotoku_of_intake is '受付の審査に使う所得（相当年度ごと）';

-- Households of which somebody whom we hold is a 支援措置対象者 today: no paper shows the address of anybody in them (標準仕様書 3.4).
create view pension.setai_protected as
select distinct f.setai_no
from pension.atena as f
where f.shien_sochi_flag and f.superseded_at is null and not f.sakujo_flag and not exists (
    select 1 from pension.atena as n
    where n.atena_no = f.atena_no and n.superseded_at is null and not n.sakujo_flag and n.rireki_no > f.rireki_no
);
create index atena_shien on pension.atena (atena_no) where shien_sochi_flag and superseded_at is null;
comment on view pension.setai_protected is '支援措置対象者のいる世帯';

-- The 基礎年金番号 of who has only one.
create view pension.kiso_nenkin_no_only as
select atena_no, min(kiso_nenkin_no) as kiso_nenkin_no from pension.nenkin_kihon
where superseded_at is null group by atena_no having count(*) = 1;
comment on view pension.kiso_nenkin_no_only is '基礎年金番号が一つだけの者の番号';
grant select on pension.shotoku_of_intake, pension.setai_protected, pension.kiso_nenkin_no_only to kokunen_app;

-- An answer whose 4情報 differ from 宛名 waits for a second person, who says whether it is of the person asked for.
alter table ledger.approval drop constraint approval_kind_check;
alter table ledger.approval add constraint approval_kind_check check (kind in ('idou', 'teisei', 'kokuho', 'kikou_kekka', 'shotoku_kaitou'));
create table pension.shotoku_horyuu (  -- rows held before this table came have no approval: they wait for another answer
    approval_id bigint primary key references ledger.approval,
    file_id bigint not null,
    line integer not null,
    shoukai_no text not null,
    foreign key (file_id, line) references ledger.quarantine
);
comment on table pension.shotoku_horyuu is '保留した所得照会回答の承認対象（行は隔離の暗号文）';
comment on column pension.shotoku_horyuu.shoukai_no is '照会番号';
grant select, insert on pension.shotoku_horyuu to kokunen_app;

-- Those that can still be taken in: no later version of their file, and the question as open as when they came.
create view pension.shotoku_horyuu_open as
select h.approval_id, h.shoukai_no, q.uketsuke_no, q.kankei_code, q.atena_no, q.soutou_year, h.file_id, h.line, f.name as file_name, f.version, f.business_on,
    z.fields, z.row_cipher, z.key_id
from pension.shotoku_horyuu as h
join ledger.quarantine as z using (file_id, line)
join ledger.file as f using (file_id)
join pension.shotoku_open as o using (shoukai_no)
join pension.shotoku_shoukai as q using (shoukai_no)
left join ledger.file as e on e.file_id = q.answered_by_file
where not exists (
    select 1 from ledger.file as l
    where l.dataset = f.dataset and l.stream = f.stream and l.seq = f.seq and l.version > f.version and l.outcome = 'accepted'
) and (q.answered_at is null or (e.stream = f.stream and e.seq = f.seq and e.version < f.version));
comment on view pension.shotoku_horyuu_open is '保留中で、まだ受け入れられる所得照会回答';
grant select on pension.shotoku_horyuu_open to kokunen_app;

-- Every page of an application that left as paper: what it showed (as a hash of its persons, months and answers) and where it lies. Written
-- before the file is (no page without its record), placed_at after it: what was recorded and not placed is printed again.
create table ledger.printed (
    printed_id bigint generated always as identity primary key,
    run_id uuid not null references ledger.run,
    uketsuke_no text not null,
    uketsuke_ku_code text not null,
    atena_no text not null,
    content_hash text not null,
    page integer not null,
    file_name text not null,
    recorded_at timestamptz not null default now(),
    placed_at timestamptz
);
create index printed_uketsuke on ledger.printed (uketsuke_no, content_hash) where placed_at is not null;
create index printed_run on ledger.printed (run_id);
comment on table ledger.printed is '印刷（申請書の1枚ごと）';
create sequence ledger.print_no;
grant usage on sequence ledger.print_no to kokunen_app;
grant select, insert on ledger.printed to kokunen_app;
grant update (placed_at) on ledger.printed to kokunen_app;
