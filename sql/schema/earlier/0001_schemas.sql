-- Five rooms of the business database. The role that jobs use (kokunen_app) owns none of them: it gets single rights in 0009_grants.sql.
create schema pension;
create schema vault;
create schema ledger;
create schema audit;
create schema staging;

comment on schema pension is '国民年金情報ファイル（恒久保存）';
comment on schema vault is '個人番号（暗号化）';
comment on schema ledger is '実行・受入・隔離・出力・承認の台帳';
comment on schema audit is '記録（追記のみ、ハッシュ連鎖）';
comment on schema staging is '受入中の行（一時）';
