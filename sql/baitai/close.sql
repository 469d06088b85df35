-- what:   a month whose media two people counted is closed, with its event
-- basis:  P39; P40; P53
-- grain:  one month
-- params: month, run_id, user_name, unit, terminal, reason
select ledger.tsukijime_put(:month, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason)
