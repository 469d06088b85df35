-- what:   a request is carried out and verified
-- basis:  spec 9
-- grain:  one row
-- params: retirement_id, verified, run_id, user_name, unit, terminal, reason
select ledger.shoukyo_done(
    :retirement_id, cast(:verified as json), cast(:run_id as uuid), :user_name, :unit, :terminal, :reason
)
