-- what:   an object that lies in the archive, verified; its clear file may go now
-- basis:  spec 9
-- grain:  one object
-- params: object_key, class, dataset, period, name, origin, personal, run_id, file_id, output_id, bytes, sha256, sealed_bytes,
--         sealed_sha256, kept_from, due_on
insert into ledger.object (object_key, class, dataset, period, name, origin, personal, run_id, file_id, output_id, bytes, sha256,
    sealed_bytes, sealed_sha256, kept_from, due_on)
values (:object_key, :class, :dataset, :period, :name, :origin, :personal, cast(:run_id as uuid), :file_id, :output_id, :bytes,
    :sha256, :sealed_bytes, :sealed_sha256, :kept_from, :due_on)
returning object_id
