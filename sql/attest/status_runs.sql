-- what:   the last runs, and how many files each took in that had come late (遅れて届いたファイル)
-- basis:  spec 10; decisions, Late files
-- grain:  one run
-- params: none
select r.run_id::text as run_id, r.job, r.period, r.user_name, r.state, r.error_code, r.started_at, r.finished_at, (
        select count(*) from ledger.file as f
        where f.run_id = r.run_id and f.outcome = 'accepted' and f.business_on < r.business_on and not exists (
            select 1 from ledger.file as w
            where w.dataset = f.dataset and w.name = f.name and w.file_id < f.file_id
                and w.code in ('NP-2021', 'NP-2022', 'NP-2026')
        )
    ) as late
from ledger.run as r
order by r.started_at desc limit 10
