-- what:   persons of these numbers whose 住基照会 is open
-- basis:  spec 1: an answer row nobody asked for is refused
-- grain:  all 宛名番号 in one piece, 8 bytes each (one may stand twice)
-- params: everyone, numbers
select string_agg(int8send(atena_no::bigint), '') from pension.juki_shoukai
where answered_at is null and (:everyone or atena_no = any(cast(:numbers as text[])))
