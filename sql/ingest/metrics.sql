-- what:   one row about the file for its suite
-- basis:  issue: volumes against the last run
-- grain:  one file
-- params: dataset, data_count, last_data_count, quarantined_count, out_of_scope_count, unchanged_count, staged_count (names: staged)
with cleared as (
    delete from staging.file_metrics returning 1
)
insert into staging.file_metrics (dataset, data_count, last_data_count, quarantined_count, out_of_scope_count, unchanged_count, staged_count, distinct_key_count)
select :dataset, :data_count, :last_data_count, :quarantined_count, :out_of_scope_count, :unchanged_count, :staged_count,
    (select count(distinct row_key) from {staged})
from (select count(*) from cleared) as once
