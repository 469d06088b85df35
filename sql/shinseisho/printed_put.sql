-- what:   a page that is about to be printed
-- basis:  評価書 Ⅰ-2 機能4② (P5)
-- grain:  one page
-- params: run_id, uketsuke_no, uketsuke_ku_code, atena_no, content_hash, page, file_name
insert into ledger.printed (run_id, uketsuke_no, uketsuke_ku_code, atena_no, content_hash, page, file_name)
values (cast(:run_id as uuid), :uketsuke_no, :uketsuke_ku_code, :atena_no, :content_hash, :page, :file_name)
