-- what:   an entry that was asked for on paper is put in and granted
-- basis:  P50, P51, P64 (付与)
-- grain:  one entry of the register
-- params: by, asked_by, entry (its columns, as JSON), reason, unit, terminal
select shokuin.enter(:by, :asked_by, cast(:entry as json), :reason, :unit, :terminal)
