-- what:   個人番号 (HMAC) whose 住基照会 is open, or was answered by an earlier version of this file (訂正)
-- basis:  decisions, Scope: an answer is matched by 個人番号 where that was asked
-- grain:  one number
-- params: business_on, seq
select v.hmac from pension.juki_shoukai as q
join vault.kojin_no as v using (kojin_id)
where q.answered_at is null or q.answered_by_file in (
    select file_id from ledger.file
    where dataset = 'juki_idou' and outcome = 'accepted' and stream = 'kaitou' and business_on = :business_on and seq = :seq
)
