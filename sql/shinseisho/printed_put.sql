-- what:   a page that is about to be printed
-- basis:  評価書 Ⅰ-2 機能4② (P5)
-- grain:  one page
-- params: run_id, uketsuke_no, page
insert into ledger.printed (run_id, uketsuke_no, page) values (cast(:run_id as uuid), :uketsuke_no, :page)
