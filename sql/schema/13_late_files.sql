-- 遅れて届いたファイル: a file that was refused is known again as long as it and its .end lie there unchanged. And the jobs may see
-- what staging was made from, so that a run does not work on the views of older mappings.

alter table ledger.file add column end_sha256 text not null default '';
comment on column ledger.file.end_sha256 is '.end の SHA-256（受け入れなかったファイルが変わったかを見分ける）';

grant select on public.generated to kokunen_app;
