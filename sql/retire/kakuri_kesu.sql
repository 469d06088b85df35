-- what:   the encrypted rows of 隔離 of a dataset whose period is over are destroyed; how many
-- basis:  spec 9 (quarantine rows)
-- grain:  one row
-- params: dataset, before
select ledger.kakuri_kesu(:dataset, :before)
