-- what:   the files of forms that a run has made, whichever of its attempts
-- basis:  decisions, Printing (the receipt of a run says what it did)
-- grain:  one file
-- params: run_id
select file_name, uketsuke_ku_code, count(*) as pages from ledger.printed
where run_id = cast(:run_id as uuid) and placed_at is not null
group by file_name, uketsuke_ku_code
order by uketsuke_ku_code, file_name
