-- what:   what was destroyed and lies there again after a restore is gone once more; how many objects and persons
-- basis:  spec 9; faults, F30
-- grain:  one row
-- params: keys, who, run_id, user_name, unit, terminal, reason
select ledger.shoukyo_again(
    cast(:keys as text []), cast(:who as text []), cast(:run_id as uuid), :user_name, :unit, :terminal, :reason
)
