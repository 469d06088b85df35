-- what:   an empty staging table for the next file
-- basis:  spec 9: staging is kept no longer than the load
-- grain:  the table
-- params: none (names: dataset)
truncate staging.{dataset}
