-- what:   a report of an office begins; one that is under way goes on
-- basis:  P85
-- grain:  one number
-- params: jimusho_code, opened_on, kakunin_until, run_id, user_name, unit, terminal, reason
select ledger.shintatsu_hiraku(
    :jimusho_code, :opened_on, :kakunin_until, cast(:run_id as uuid), :user_name, :unit, :terminal, :reason
)
