-- what:   the record of reading many ciphertexts, written and committed before they are read
-- basis:  spec 2 (every read of the vault names its purpose); F29
-- grain:  one reading; its event
-- params: what, old, new, run_id, user_name, unit, terminal, reason
select vault.kagi_ask(:what, :old, :new, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
