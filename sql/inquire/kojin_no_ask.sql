-- what:   the record of reading one 個人番号, written and committed before it is read
-- basis:  spec 2 (every read of the vault names its purpose)
-- grain:  one number
-- params: kojin_id, run_id, user_name, unit, terminal, purpose
select vault.ask(:kojin_id, cast(:run_id as uuid), :user_name, :unit, :terminal, :purpose)
