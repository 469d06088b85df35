-- what:   whether a number of the second factor may be used; then it is used
-- basis:  P56
-- grain:  one answer
-- params: user_name, step
select shokuin.use_step(:user_name, :step)
