-- what:   the medium that carries a file: each recipient has its own
-- basis:  spec 5; P39, P40
-- grain:  one medium
-- params: output_id, kind, recipient, archive_name, archive_sha256, key_name
insert into ledger.medium (output_id, kind, recipient, archive_name, archive_sha256, key_name)
values (:output_id, :kind, :recipient, :archive_name, :archive_sha256, :key_name)
on conflict (output_id) do update set output_id = excluded.output_id
returning medium_no
