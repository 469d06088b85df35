-- what:   a log-in that was proved; when it ends
-- basis:  P56, P57
-- grain:  one log-in
-- params: user_name, unit, terminal, token_hash, hours
select shokuin.log_in(:user_name, :unit, :terminal, :token_hash, :hours)
