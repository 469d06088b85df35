-- what:   a file that was fetched; nothing when it was before
-- basis:  F26
-- grain:  one file
-- params: partner, dataset, name, bytes, sha256, run_id
insert into ledger.jushin (partner, dataset, name, bytes, sha256, run_id)
values (:partner, :dataset, :name, :bytes, :sha256, cast(:run_id as uuid))
on conflict on constraint jushin_once do nothing
returning jushin_id
