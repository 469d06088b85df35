-- what:   a business day of a recipient is done, with the file that left or without one
-- basis:  decisions, 移転1–3
-- grain:  one day
-- params: dataset, business_on, output_id, added, changed, deleted
update ledger.iten_day
set ended_at = now(), output_id = cast(:output_id as bigint), added = :added, changed = :changed, deleted = :deleted
where dataset = :dataset and business_on = :business_on and ended_at is null
