-- what:   a file lies at the partner's, without its .end
-- basis:  F02, F26
-- grain:  one attempt
-- params: output_id, attempt, approval_id, run_id, partner, host_key, business_on
insert into ledger.soushin (output_id, attempt, approval_id, run_id, partner, host_key, business_on)
values (:output_id, :attempt, :approval_id, cast(:run_id as uuid), :partner, :host_key, :business_on)
returning soushin_id
