-- 紙の記録: a list, a notice, a reproduction lies aside, outside the outbox, until its record is committed; then it is put in its
-- place. What was cut off in between is found here. And what was told about files that have left.

create table ledger.paper (
    paper_id bigint generated always as identity primary key,
    run_id uuid not null references ledger.run,
    path text not null,
    aside text not null unique,
    sha256 text not null,
    recorded_at timestamptz not null default now(),
    placed_at timestamptz,
    lost_at timestamptz,
    constraint placed_or_lost check (placed_at is null or lost_at is null)
);
comment on table ledger.paper is '一覧・通知・再現の記録（記録を確定してから所定の場所に置く）';
comment on column ledger.paper.path is 'outbox の中の場所';
comment on column ledger.paper.aside is '置くまでの仮の名前';
comment on column ledger.paper.lost_at is '置く前に失われたと分かった時';
create index paper_not_placed on ledger.paper (paper_id) where placed_at is null and lost_at is null;
grant select, insert on ledger.paper to kokunen_app;
grant update (placed_at, lost_at) on ledger.paper to kokunen_app;
grant usage on sequence ledger.paper_paper_id_seq to kokunen_app;

create table ledger.output_missing (
    output_id bigint not null references ledger.output,
    part text not null,
    run_id uuid not null references ledger.run,
    told_at timestamptz not null default now(),
    primary key (output_id, part)
);
comment on table ledger.output_missing is '渡したファイルのうち、無くなったと一度知らせたもの（渡し先が持ち去ったものも含む）';
comment on column ledger.output_missing.part is '本体・.end・暗号化ファイル・パスワードの別';
grant select, insert on ledger.output_missing to kokunen_app;
