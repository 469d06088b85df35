-- 所得照会、回答、審査に使う所得。

-- Every question is kept with its intake; an answer enters only if its question and its intake are open.
create table pension.shotoku_shoukai (
    shoukai_no text primary key,
    uketsuke_no text not null,
    kankei_code text not null,
    atena_no text not null,
    soutou_year integer not null,
    shoukai_jiyu_code text not null,
    run_id uuid not null references ledger.run,
    asked_on date not null,
    recorded_at timestamptz not null default now(),
    answered_by_file bigint,
    answered_at timestamptz
);
comment on table pension.shotoku_shoukai is '所得照会（受付・人・相当年度ごとに一度）';
comment on column pension.shotoku_shoukai.shoukai_no is '照会番号';
comment on column pension.shotoku_shoukai.uketsuke_no is '受付番号';
comment on column pension.shotoku_shoukai.kankei_code is '本人との関係';
comment on column pension.shotoku_shoukai.atena_no is '宛名番号';
comment on column pension.shotoku_shoukai.soutou_year is '相当年度';
comment on column pension.shotoku_shoukai.shoukai_jiyu_code is '照会事由';
create unique index shotoku_shoukai_once on pension.shotoku_shoukai (uketsuke_no, atena_no, soutou_year);
create index shotoku_shoukai_open on pension.shotoku_shoukai (shoukai_no) where answered_at is null;
grant select, insert on pension.shotoku_shoukai to kokunen_app;
grant update (answered_by_file, answered_at) on pension.shotoku_shoukai to kokunen_app;

create table pension.shotoku (
    shotoku_id bigint generated always as identity primary key,
    shoukai_no text not null,
    atena_no text not null,
    soutou_year integer not null,
    fuka_year integer not null,
    rireki_no integer not null,
    kaitou_code text not null,
    ippan_fuyo integer,
    rojin_fuyo integer,
    tokutei_fuyo integer,
    koujo_haiguu_flag boolean,
    shogai_fuyo integer,
    tokubetsu_shogai_fuyo integer,
    nensho_fuyo integer,
    honnin_shogai_code text,
    honnin_kafu_code text,
    honnin_gakusei_flag boolean,
    nenkin_shunyu_yen bigint,
    nenkin_zatsu_yen bigint,
    goukei_shotoku_yen bigint,
    jun_sonshitsu_yen bigint,
    zasson_koujo_yen bigint,
    iryohi_koujo_yen bigint,
    shakai_hoken_koujo_yen bigint,
    haiguu_tokubetsu_koujo_yen bigint,
    mishinkoku_flag boolean,
    row_key text not null, file_id bigint, line integer, file_version smallint not null default 1, approval_id bigint,
    recorded_at timestamptz not null default now(), superseded_at timestamptz, superseded_by_file bigint
);
create unique index shotoku_in_force on pension.shotoku (row_key) where superseded_at is null;
create index shotoku_question on pension.shotoku (shoukai_no) where superseded_at is null;
grant select, insert on pension.shotoku to kokunen_app;
grant update (superseded_at, superseded_by_file) on pension.shotoku to kokunen_app;

-- What may be answered now: the question is open and so is its intake.
-- decides: which answers of income may be taken in
create view pension.shotoku_open as
select q.shoukai_no, q.uketsuke_no, q.atena_no, q.soutou_year, q.answered_by_file
from pension.shotoku_shoukai as q
join pension.uketsuke_open as u using (uketsuke_no);
comment on view pension.shotoku_open is '回答を受け入れてよい照会';
grant select on pension.shotoku_open to kokunen_app;

-- What proves that nothing is held that was not asked for (回答 ⊆ 照会). Empty at any time.
create view pension.shotoku_unasked as
select s.shotoku_id
from pension.shotoku as s
where not exists (
    select 1 from pension.shotoku_shoukai as q
    where q.shoukai_no = s.shoukai_no and q.atena_no = s.atena_no and q.soutou_year = s.soutou_year
);
comment on view pension.shotoku_unasked is '照会していない所得（いつも空）';
grant select on pension.shotoku_unasked to kokunen_app;

-- Whose income of which 相当年度 an open intake needs: 免除年度 for 免除・納付猶予, 年度 for students; no further back than may be applied for,
-- no more 年度 than at once. What is asked, judged and printed, all come from here.
-- decides: whose income of which years may be asked for, and for what reason
create view pension.shotoku_needed as
with needing as (
    select
        u.*,
        -- months between a 年度 and the calendar year that begins it
        make_interval(months =>
            pension.kijitsu_on(case u.todoke_code when '42' then 'gakusei_nendo' else 'menjo_nendo' end, u.juri_on) - 1
        ) as shifted,
        greatest(
            u.menjo_from_month,
            date_trunc('month', u.juri_on) - make_interval(months => pension.kijitsu_on('shinsei_sokyuu', u.juri_on))
        ) as first_month,
        coalesce(u.menjo_to_month, u.menjo_from_month) as last_month
    from pension.uketsuke_open as u
    where u.todoke_code in ('41', '42', '52', '60')
),
spanned as (
    select
        n.*,
        case
            when todoke_code in ('52', '60') then extract(year from juri_on - shifted)
            when menjo_from_month is null then menjo_year
            else extract(year from first_month - shifted)
        end::integer as first_year,
        case
            when todoke_code in ('52', '60') then extract(year from juri_on - shifted)
            when menjo_from_month is null then menjo_year
            else extract(year from last_month - shifted)
        end::integer as last_year
    from needing as n
)
select distinct on (s.uketsuke_no, p.atena_no, y.soutou_year)
    s.uketsuke_no, p.kankei_code, p.atena_no, y.soutou_year,
    case s.todoke_code
        when '42' then '03' when '52' then '04' when '60' then '05'
        else case s.menjo_code when '30' then '02' else '01' end
    end as shoukai_jiyu_code
from spanned as s
cross join lateral (
    values ('1', s.atena_no), ('2', case when s.todoke_code = '41' then s.haiguusha_atena_no end),
        ('3', case when s.todoke_code = '41' and s.menjo_code is distinct from '30' then s.setainushi_atena_no end)
) as p (kankei_code, atena_no)
cross join lateral generate_series(
    s.first_year, least(s.last_year, s.first_year + pension.kijitsu_on('shinsei_nendo_suu', s.juri_on) - 1)
) as y (soutou_year)
where p.atena_no is not null
order by s.uketsuke_no, p.atena_no, y.soutou_year, p.kankei_code;
comment on view pension.shotoku_needed is '受付が必要とする所得（人・相当年度）';
grant select on pension.shotoku_needed to kokunen_app;

-- The same with its answers: what the review of an application reads, a 相当年度 at a time.
create view pension.shotoku_of_intake as
select n.uketsuke_no, n.soutou_year,
    jsonb_agg(jsonb_build_object(
        'kankei_code', n.kankei_code, 'answered', s.shotoku_id is not null, 'kaitou_code', s.kaitou_code,
        'mishinkoku', s.mishinkoku_flag, 'income', to_jsonb(s)
    ) order by n.kankei_code) as persons,
    bool_and(s.shotoku_id is not null) as answered,
    array_agg(concat_ws(':', n.kankei_code, n.atena_no, s.shotoku_id) order by n.kankei_code) as shown
from pension.shotoku_needed as n
left join pension.shotoku_shoukai as q using (uketsuke_no, atena_no, soutou_year)
left join pension.shotoku as s on s.shoukai_no = q.shoukai_no and s.superseded_at is null
group by n.uketsuke_no, n.soutou_year;
comment on view pension.shotoku_of_intake is '受付の審査に使う所得（相当年度ごと）';
grant select on pension.shotoku_of_intake to kokunen_app;

-- An answer whose 4情報 differ from 宛名 waits for a second person, who says whether it is about the person asked for. Rows held
-- before this table came have no approval: they wait for another answer.
create table pension.shotoku_horyuu (
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
select h.approval_id, h.shoukai_no, q.uketsuke_no, q.kankei_code, q.atena_no, q.soutou_year, h.file_id, h.line,
    f.name as file_name, f.version, f.business_on, z.fields, z.row_cipher, z.key_id
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

-- analyze, as for 宛名
do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on pension.shotoku_shoukai, pension.shotoku to kokunen_app';
    end if;
end $$;
