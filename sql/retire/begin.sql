-- what:   the look before the destruction, and what is written before it; the items that may be destroyed now
-- basis:  spec 9 (hold and hash once more; ledger row before the destruction)
-- grain:  one row
-- params: retirement_id, items, changed, run_id, user_name, unit, terminal, reason
select ledger.shoukyo_begin(
    :retirement_id, cast(:items as integer []), cast(:changed as integer []), cast(:run_id as uuid), :user_name, :unit, :terminal,
    :reason
)
