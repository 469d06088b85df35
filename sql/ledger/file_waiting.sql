-- what:   names of files of a dataset that waited when they were looked at last
-- basis:  F17
-- grain:  one file name
-- params: dataset
select name from (
    select distinct on (name) name, outcome from ledger.file where dataset = :dataset order by name, file_id desc
) as last
where outcome = 'waiting'
order by name
