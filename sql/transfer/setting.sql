-- what:   a parameter of the views of schema iten, for this transaction
-- basis:  P57; P59; decisions, 移転1–3
-- grain:  one setting
-- params: name, value
select set_config('kokunen.' || :name, :value, true)
