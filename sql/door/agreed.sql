-- what:   a row of the registry in force on a business day, the registry's hash, and whether a version of the period was sent
-- basis:  P79–P81; decisions, 登録簿
-- grain:  one row
-- params: row_id, day, dataset, period
select t.sha256, t.from_on, ledger.tourokubo_hash(:day) as registry_sha256,
    exists (
        select 1 from ledger.output as o where o.dataset = :dataset and o.period = :period and o.released_at is not null
    ) as sent
from (select 1) as one
left join ledger.tourokubo_on(:day) as t on t.row_id = :row_id and t.content is not null
