-- what:   names of files of a dataset that waited in an earlier run and were not settled since
-- basis:  reliability F17
-- grain:  one file name
-- params: dataset
select distinct w.name from ledger.file as w
where w.dataset = :dataset and w.outcome = 'waiting'
    and not exists (select 1 from ledger.file as a where a.dataset = w.dataset and a.name = w.name and a.sha256 = w.sha256 and a.outcome = 'accepted')
order by w.name
