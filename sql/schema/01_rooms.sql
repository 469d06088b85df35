-- Five rooms of the business database. The role that jobs use (kokunen_app) owns none of them: it can add rows and end their
-- validity, and delete nothing; each table says beside itself what that role may do. Staging alone may be emptied, and is made
-- from the mappings (etl/core/mapping/tables.py), as are the labels of the columns that a mapping fills.
create schema pension;
comment on schema pension is '国民年金情報ファイル（恒久保存）';

create schema vault;
comment on schema vault is '個人番号（暗号化）';

create schema ledger;
comment on schema ledger is '実行・受入・隔離・出力・承認の台帳';

create schema audit;
comment on schema audit is '記録（追記のみ、ハッシュ連鎖）';

create schema staging;
comment on schema staging is '受入中の行（一時）';

grant usage on schema pension, vault, ledger, audit, staging to kokunen_app;

-- What ``kokunen init`` made staging from, to make it anew when a mapping changes.
create table public.generated (
    dataset text primary key,
    sha256 text not null
);
comment on table public.generated is 'マッピングから作った受入表（その文のハッシュ）';

-- Deadlines and ages of the law, each for the days on which it says so. ``kokunen init`` writes them from mappings/kijitsu.yaml.
create table pension.kijitsu (
    name text not null,
    from_on date not null,
    until_on date not null,
    amount integer not null,
    unit text not null,
    article text not null,
    primary key (name, from_on),
    check (from_on <= until_on)
);
comment on table pension.kijitsu is '法令の期日・年齢';
comment on column pension.kijitsu.name is '名前';
comment on column pension.kijitsu.from_on is '適用の初日';
comment on column pension.kijitsu.until_on is '適用の末日';
comment on column pension.kijitsu.amount is '数';
comment on column pension.kijitsu.unit is '単位';
comment on column pension.kijitsu.article is '根拠条文';
grant select on pension.kijitsu to kokunen_app;

-- What the law says on a day; an error, never nothing, where it does not say.
create function pension.kijitsu_on(p_name text, p_on date) returns integer language plpgsql stable as $$
declare
    found_amount integer;
begin
    select k.amount into strict found_amount from pension.kijitsu as k
    where k.name = p_name and p_on between k.from_on and k.until_on;
    return found_amount;
end $$;
comment on function pension.kijitsu_on is '法令の期日・年齢（その日現在）';
revoke all on function pension.kijitsu_on from public;
grant execute on function pension.kijitsu_on to kokunen_app;
