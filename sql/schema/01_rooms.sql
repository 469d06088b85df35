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

create table public.generated (
    dataset text primary key,
    sha256 text not null
);
comment on table public.generated is 'マッピングから作った受入表（その文のハッシュ）';
