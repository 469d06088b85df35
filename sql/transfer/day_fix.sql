-- what:   the moment of a business day of a recipient, once: whatever runs the day again chooses as known at the same
-- basis:  F02; decisions, 移転1–3
-- grain:  at most one day
-- params: dataset, business_on, user_name
insert into ledger.iten_day (dataset, business_on, known_at, user_name)
values (:dataset, :business_on, clock_timestamp(), :user_name)
on conflict do nothing
