-- what:   somebody leaves
-- basis:  P51
-- grain:  one person
-- params: by, user_name, reason, unit, terminal
select shokuin.finish(:by, :user_name, :reason, :unit, :terminal)
