-- what:   データ件数 of the last file of the dataset that an earlier run accepted (前回比)
-- basis:  issue: 処理結果表
-- grain:  at most one number
-- params: dataset, run_id
select data_count from ledger.file
where dataset = :dataset and outcome = 'accepted' and run_id <> cast(:run_id as uuid)
order by file_id desc limit 1
