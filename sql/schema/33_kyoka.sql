-- 許可: which rows of the registry two people agreed to, and what was answered to everything that wanted to leave (P79–P82).

-- Each row of mappings/transfers.yaml as it was agreed to. The registry that a database begins with came with the set-up and is
-- in force; what changed since is in force from the business day after its approval. A row that was taken out has no content.
create table ledger.tourokubo (
    tourokubo_id bigint generated always as identity primary key,
    row_id text not null check (row_id ~ '^[A-Z][0-9]{2}-[A-Z]+$'),
    content text,
    sha256 text not null check ((sha256 = '') = (content is null)),
    approval_id bigint references ledger.approval,
    from_on date,
    recorded_at timestamptz not null default now(),
    constraint begun_with_content check (approval_id is not null or (content is not null and from_on is null))
);
comment on table ledger.tourokubo is '移転等の登録簿の行（承認されたもののうち最も新しいものが有効）';
comment on column ledger.tourokubo.row_id is '登録簿の番号';
comment on column ledger.tourokubo.content is '行の内容（無ければ削除）';
comment on column ledger.tourokubo.sha256 is '内容の SHA-256（削除なら空）';
comment on column ledger.tourokubo.from_on is '有効になる業務日（承認の翌開庁日。無ければ初めから）';
create unique index tourokubo_first on ledger.tourokubo (row_id) where approval_id is null;
create unique index tourokubo_once on ledger.tourokubo (approval_id, row_id);

-- A change is in force with the approval of another person, from a later day; looked at when the transaction ends: the decision
-- is written in it.
create function ledger.tourokubo_by_two() returns trigger
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
    if old.from_on is not null or not exists (
        select from ledger.approval as a
        where a.approval_id = new.approval_id and a.kind = 'tourokubo' and a.decision = 'approved'
            and new.from_on > (a.decided_at at time zone 'Asia/Tokyo')::date
    ) then
        raise exception 'a change of the registry takes two, and another day' using errcode = 'KN071';
    end if;
    return null;
end $$;
revoke all on function ledger.tourokubo_by_two from public;
create constraint trigger tourokubo_by_two after update of from_on on ledger.tourokubo deferrable initially deferred
    for each row execute function ledger.tourokubo_by_two();

-- decides: which rows of the registry are in force on a business day: of each the last one that two people agreed to
create function ledger.tourokubo_on(p_day date) returns setof ledger.tourokubo
language sql stable set search_path = ledger, pg_temp as $$
    select distinct on (t.row_id) t.*
    from ledger.tourokubo as t left join ledger.approval as a using (approval_id)
    where t.approval_id is null or (a.decision = 'approved' and t.from_on <= p_day)
    order by t.row_id, t.from_on desc nulls last, t.tourokubo_id desc
$$;
comment on function ledger.tourokubo_on is 'その業務日に有効な登録簿の行';

-- Of rows and their hashes, as etl/core/mapping/transfers.py says it.
create function ledger.tourokubo_of(p_rows json) returns text language sql stable as $$
    select encode(sha256(convert_to(string_agg(r.key || ' ' || r.value, e'\n' order by r.key), 'UTF8')), 'hex')
    from json_each_text(p_rows) as r
$$;
comment on function ledger.tourokubo_of is '登録簿の行のまとまりのハッシュ';

create function ledger.tourokubo_hash(p_day date) returns text language sql stable set search_path = ledger, pg_temp as $$
    select ledger.tourokubo_of(json_object_agg(t.row_id, t.sha256))
    from ledger.tourokubo_on(p_day) as t where t.content is not null
$$;
comment on function ledger.tourokubo_hash is 'その業務日に有効な登録簿のハッシュ';

-- p_rows: [{"row_id": …, "content": … or null}]
create function ledger.tourokubo_put(
    p_rows json, p_subject text, p_days integer, p_run_id uuid, p_user text, p_unit text, p_terminal text, p_reason text
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    v_approval bigint;
    v_rows json;
begin
    if not shokuin.may(p_user) then
        raise exception 'not in force' using errcode = 'KN010';
    end if;
    select json_object_agg(r.row_id, coalesce(encode(sha256(convert_to(r.content, 'UTF8')), 'hex'), '') order by r.row_id)
    into v_rows from json_to_recordset(p_rows) as r (row_id text, content text);
    insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)
    values ('tourokubo', p_run_id, p_subject, ledger.tourokubo_of(v_rows), p_user, now() + make_interval(days => p_days))
    returning approval_id into v_approval;
    insert into ledger.tourokubo (row_id, content, sha256, approval_id)
    select r.row_id, r.content, v_rows ->> r.row_id, v_approval from json_to_recordset(p_rows) as r (row_id text, content text);
    perform audit.append(p_run_id, p_user, p_unit, p_terminal, p_reason, null, null, '登録簿起案', 'registry/' || v_approval,
        json_build_object('approval', v_approval, 'rows', v_rows)::text);
    return v_approval;
end $$;
comment on function ledger.tourokubo_put is '登録簿の変更（承認待ちになる）';

-- What was answered to everything that wanted to leave; a refusal stays when what was tried is undone.
create table ledger.iten_hantei (
    iten_hantei_id bigint generated always as identity primary key,
    run_id uuid not null references ledger.run,
    row_id text,
    dataset text not null,
    name text not null,
    recipient text not null,
    answer text not null check (answer in ('許可', '拒否', '未登録')),
    code text check (code ~ '^NP-[0-9]{4}$'),
    business_on date not null,
    row_sha256 text,
    registry_sha256 text,
    output_id bigint unique references ledger.output,
    recorded_at timestamptz not null default now(),
    constraint reasoned check ((answer = '許可') = (code is null) and (answer = '許可') = (output_id is not null))
);
comment on table ledger.iten_hantei is '送出の判定（許可・拒否・未登録）';
comment on column ledger.iten_hantei.row_id is '登録簿の番号（未登録なら無いことがある）';
comment on column ledger.iten_hantei.dataset is 'データセット';
comment on column ledger.iten_hantei.name is 'ファイル名';
comment on column ledger.iten_hantei.recipient is 'あて先';
comment on column ledger.iten_hantei.answer is '判定';
comment on column ledger.iten_hantei.code is '許可しない理由（誤りのコード）';
comment on column ledger.iten_hantei.row_sha256 is '登録簿の行のハッシュ';
comment on column ledger.iten_hantei.registry_sha256 is '有効な登録簿のハッシュ';
create index iten_hantei_of on ledger.iten_hantei (run_id);

alter table ledger.output add column registry_sha256 text;
comment on column ledger.output.registry_sha256 is '出したときに有効だった登録簿のハッシュ';

-- Nothing counts as sent that the registry was not asked about.
create function ledger.output_permitted() returns trigger
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
    if not exists (
        select from ledger.iten_hantei as h
        where h.output_id = new.output_id and h.answer = '許可' and h.registry_sha256 = new.registry_sha256
    ) then
        raise exception 'not permitted' using errcode = 'KN072';
    end if;
    return null;
end $$;
revoke all on function ledger.output_permitted from public;
create constraint trigger output_permitted after insert or update of released_at on ledger.output
    deferrable initially deferred for each row when (new.released_at is not null) execute function ledger.output_permitted();

-- Who may be the subject of a 移転: whoever has, or had, a 資格 (a deletion is of one who had it). 世帯主, 配偶者, 受給権者 are none.
create view pension.hihokensha as
select atena_no, kiso_nenkin_no from pension.shikaku;
comment on view pension.hihokensha is '被保険者（資格のある者と、あった者）';
