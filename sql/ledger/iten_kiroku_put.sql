-- what:   what the registry said of a file when it left
-- basis:  P78; P80; P81
-- grain:  one file
-- params: output_id, transfer_id, kind, recipient, basis, purpose, title, items, channel, partner, permission_no, row_sha256,
--         persons
insert into ledger.iten_kiroku (
    output_id, transfer_id, kind, recipient, basis, purpose, title, items, channel, partner, permission_no, row_sha256, persons
)
values (
    :output_id, :transfer_id, :kind, :recipient, cast(:basis as text []), :purpose, :title, cast(:items as text []), :channel,
    :partner, :permission_no, :row_sha256, :persons
)
