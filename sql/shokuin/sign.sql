-- what:   the list of a unit is signed off
-- basis:  P65
-- grain:  one list
-- params: by, listed, hash, reason, unit, terminal
select shokuin.sign(:by, :listed, :hash, :reason, :unit, :terminal)
