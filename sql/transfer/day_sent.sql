-- what:   the file that a business day has sent to a recipient, and what it told
-- basis:  decisions, 移転1–3
-- grain:  one row
-- params: dataset, business_on
select o.name, o.rows, o.sha256, o.version, d.added, d.changed, d.deleted
from ledger.iten_day as d join ledger.output as o using (output_id)
where d.dataset = :dataset and d.business_on = :business_on
