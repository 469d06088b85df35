-- what:   a run begins, or is found again by its key (Airflow's run id: a retried task continues its run)
-- basis:  spec 10 (処理日時・職員・部署・端末・処理事由)
-- grain:  one run
-- params: run_key, job, period, user_name, unit, terminal, reason, business_on, as_known_at, definition_hash, apart
insert into ledger.run (run_key, job, period, user_name, unit, terminal, reason, business_on, as_known_at, definition_hash, apart)
values (:run_key, :job, :period, :user_name, :unit, :terminal, :reason, :business_on, :as_known_at, :definition_hash, :apart)
on conflict (run_key) do update set state = 'running', finished_at = null, error_code = null
returning run_id::text
