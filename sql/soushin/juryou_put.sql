-- what:   an acknowledgement that was read; nothing when its content was noted before
-- basis:  F27
-- grain:  one acknowledgement
-- params: partner, name, sha256, bytes, left_at, soushin_id, result, received_at, run_id
insert into ledger.juryou (partner, name, sha256, bytes, left_at, soushin_id, result, received_at, run_id)
values (:partner, :name, :sha256, :bytes, :left_at, :soushin_id, :result, :received_at, cast(:run_id as uuid))
on conflict on constraint juryou_once do nothing
returning juryou_id
