-- what:   persons of these numbers whose 住基照会 is open, or was answered by an earlier version of this file (訂正)
-- basis:  spec 1: an answer row nobody asked for is refused
-- grain:  all 宛名番号 in one piece, 8 bytes each (one may stand twice)
-- params: everyone, numbers, business_on, seq
select string_agg(int8send(atena_no::bigint), '') from pension.juki_shoukai
where (answered_at is null or answered_by_file in (
        select file_id from ledger.file
        where dataset = 'juki_idou' and outcome = 'accepted' and stream = 'kaitou' and business_on = :business_on and seq = :seq
    ))
    and (:everyone or atena_no = any(cast(:numbers as text[])))
