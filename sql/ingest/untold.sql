-- what:   files with answers that nobody waited for, whose 受入結果通知 is still to be made (path is null) or was made by this run
-- basis:  評価書 Ⅲ-2 リスク1; decisions, Lists, reproductions, notices
-- grain:  one accepted file
-- params: datasets, run_id
select f.name, f.facts -> 'refused' as refused, f.data_count as data, f.new_count + f.updated_count as entered,
    f.quarantined_count as held, p.path
from ledger.file as f
left join lateral (
    select p.path, p.run_id from ledger.paper as p
    where p.lost_at is null and starts_with(p.path, 'shotoku_tsuchi/')
        and starts_with(split_part(p.path, '/', 3), f.name || '_')
    order by p.paper_id desc limit 1
) as p on true
where f.outcome = 'accepted' and f.facts -> 'refused' is not null and f.dataset = any(cast(:datasets as text[]))
    and (p.path is null or p.run_id = cast(:run_id as uuid))
order by f.file_id
