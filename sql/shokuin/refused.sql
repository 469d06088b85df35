-- what:   the record of what somebody tried and may not do
-- basis:  P53, P57
-- grain:  one event
-- params: user_name, unit, terminal, act, why
select shokuin.refused(:user_name, :unit, :terminal, :act, :why)
