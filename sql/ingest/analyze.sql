-- what:   statistics of a table that was just filled, so that the next statements are planned for what is there
-- basis:  decisions, Speed
-- grain:  the table
-- params: none (names: table)
analyze {table}
