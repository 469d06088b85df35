-- what:   statistics of the staged rows, so that the next statements are planned for what is there
-- basis:  performance
-- grain:  the table
-- params: none (names: dataset)
analyze staging.{dataset}
