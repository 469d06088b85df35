-- what:   what the server refused to its log-ins, into the chain; how many
-- basis:  P58; P66
-- grain:  one refusal
-- params: first_line, from_byte, upto, logins, sqlstates, ats
select audit.refusals(:first_line, :from_byte, :upto, cast(:logins as text[]),
    cast(:sqlstates as text[]), cast(:ats as timestamptz[]))
