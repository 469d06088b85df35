-- what:   persons of these numbers whose 住基照会 is open
-- basis:  spec 1: an answer row nobody asked for is refused
-- grain:  one 宛名番号
-- params: everyone, numbers
select atena_no::bigint from pension.juki_shoukai
where answered_at is null and (:everyone or atena_no = any(cast(:numbers as text[])))
