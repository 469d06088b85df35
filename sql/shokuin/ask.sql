-- what:   an entry of the register is asked for
-- basis:  P50, P51 (申請)
-- grain:  one entry of the register
-- params: by, entry (its columns, as JSON), reason, unit, terminal
select shokuin.ask(:by, cast(:entry as json), :reason, :unit, :terminal)
