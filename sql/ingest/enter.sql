-- what:   the staged rows that enter a table of pension, in file order; a row without a key of its own is named by file and line
-- basis:  評価書 別添2; spec 2 (history is append-only)
-- grain:  one row of the file that is new or supersedes
-- params: file_id, version (names: dataset, table, columns)
insert into pension.{table} ({columns}, row_key, file_id, line, file_version)
select {columns}, coalesce(row_key, cast(:file_id as bigint) || '-' || line), :file_id, line, :version
from staging.{dataset}_entering
left join verdict as v using (line)
where target = '{table}' and (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by line
