-- what:   an entry of the register is granted by another person
-- basis:  P50, P51 (付与)
-- grain:  one entry of the register
-- params: by, user_name, reason, unit, terminal
select shokuin.grant_it(:by, :user_name, :reason, :unit, :terminal)
