-- what:   seconds to wait before the next try of a password
-- basis:  P58 (wrong passwords slow down)
-- grain:  one number
-- params: user_name
select shokuin.machi(:user_name)
