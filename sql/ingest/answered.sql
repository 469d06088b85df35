-- what:   the questions that this file answered; they close with the file
-- basis:  decisions, Scope
-- grain:  one 住基照会
-- params: file_id
update pension.juki_shoukai as q set answered_by_file = :file_id, answered_at = now()
where q.answered_at is null and q.atena_no in (select atena_no from pension.atena where file_id = :file_id)
