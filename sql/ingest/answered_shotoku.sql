-- what:   questions that a file answered close; those that it answered anew (訂正) are answered by it
-- basis:  decisions, 所得照会 (回答区分 2 and 3 are stored and close the question)
-- grain:  one 照会番号
-- params: file_id
update pension.shotoku_shoukai as q set answered_at = coalesce(q.answered_at, now()), answered_by_file = :file_id
from pension.shotoku as s
where s.file_id = :file_id and s.superseded_at is null and s.shoukai_no = q.shoukai_no
