-- what:   確認リスト entries whose row this file superseded: the new row makes its own
-- basis:  decisions, History
-- grain:  one entry
-- params: file_id
update pension.worklist as w set closed_at = now(), close_reason = '訂正による差替え'
from pension.atena as a
where w.closed_at is null and a.atena_id = w.atena_id and a.superseded_by_file = :file_id
