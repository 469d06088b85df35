-- what:   a log-in that failed, and its event
-- basis:  P58
-- grain:  one try
-- params: user_name, unit, terminal, why
select shokuin.failed(:user_name, :unit, :terminal, :why)
