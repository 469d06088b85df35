-- what:   persons of these numbers with an open 資格
-- basis:  decisions, 異動 -> 資格 (open: 喪失日 not set)
-- grain:  all 宛名番号 in one piece, 8 bytes each (one may stand twice)
-- params: everyone, numbers
select string_agg(int8send(atena_no::bigint), '') from pension.shikaku
where superseded_at is null and lost_on is null and (:everyone or atena_no = any(cast(:numbers as text[])))
