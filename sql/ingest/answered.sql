-- what:   the questions that this 照会回答 answered with a good row, new or held already; they close with the file
-- basis:  decisions, Scope
-- grain:  one 住基照会
-- params: file_id
update pension.juki_shoukai as q set answered_by_file = :file_id, answered_at = now()
where q.answered_at is null and (
    q.atena_no in (select atena_no from staging.juki_idou)
    or q.kojin_id in (
        select v.kojin_id from vault.kojin_no as v join staging.juki_idou_rows as s on s.kojin_hmac = v.hmac
        where v.atena_no is null
    )
)
