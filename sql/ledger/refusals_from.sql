-- what:   how far the server's log was read for what it refused
-- basis:  P58; P66
-- grain:  one row
-- params: first_line (SHA-256 of the first line of the log that is there now)
select case when first_line = :first_line then upto else 0 end from audit.yonda
