-- what:   the moment of a business day of a recipient, once; a new one where a day before it was done since, as known later
-- basis:  F02; F25; decisions, 移転1–3
-- grain:  at most one day
-- params: dataset, business_on, user_name
-- decides: whether a business day keeps the moment that it had
insert into ledger.iten_day as d (dataset, business_on, known_at, user_name)
values (:dataset, :business_on, clock_timestamp(), :user_name)
on conflict (dataset, business_on) do update set known_at = excluded.known_at, user_name = excluded.user_name
where d.ended_at is null and exists (
    select 1 from ledger.iten_day as b
    where b.dataset = d.dataset and b.business_on < d.business_on and b.ended_at is not null and b.known_at > d.known_at
)
