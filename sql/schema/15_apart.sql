-- 業務日が離れた実行: a period long after the last business day that was taken in, or before the first. It was so when the run began,
-- whatever the run itself takes in; so it is kept, and what the run proposes bears the mark.

alter table ledger.run add column apart boolean not null default false;
comment on column ledger.run.apart is '業務日が離れた実行（出すものと起案は別の職員の承認を待つ）';
