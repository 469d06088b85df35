-- what:   a log-in ends
-- basis:  P56
-- grain:  one log-in
-- params: token_hash, unit, terminal
select shokuin.log_out(:token_hash, :unit, :terminal)
