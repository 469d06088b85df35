-- what:   an entry of the register is granted by another person
-- basis:  P50, P51, P64 (付与)
-- grain:  one entry of the register
-- params: by, user_name, touroku_id (that one, or whichever was asked for), reason, unit, terminal
select shokuin.grant_it(:by, :user_name, cast(:touroku_id as bigint), :reason, :unit, :terminal)
