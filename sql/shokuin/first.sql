-- what:   the first administrator
-- basis:  P50
-- grain:  one entry of the register
-- params: user_name, os_user, terminal
select shokuin.first(:user_name, :os_user, :terminal)
