-- what:   an approved answer enters pension.shotoku, as it would have by itself had its 4情報 agreed
-- basis:  評価書 別添2 (所得情報), Ⅲ-2 リスク1
-- grain:  one answer
-- params: items, file_id, line, version, approval_id (names: columns)
insert into pension.shotoku ({columns}, row_key, file_id, line, file_version, approval_id)
select {columns}, concat_ws('-', shoukai_no, atena_no, soutou_year), :file_id, :line, :version, :approval_id
from jsonb_populate_record(cast(null as pension.shotoku), cast(:items as jsonb))
