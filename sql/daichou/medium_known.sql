-- what:   whether a medium of the ledger has this number
-- basis:  P39; P40
-- grain:  one value
-- params: medium_no
select exists (select 1 from ledger.medium where medium_no = :medium_no)
