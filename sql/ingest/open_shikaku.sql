-- what:   persons of these numbers with an open 資格
-- basis:  decisions: open = 喪失日 not set
-- grain:  one 宛名番号
-- params: everyone, numbers
select distinct atena_no::bigint from pension.shikaku
where superseded_at is null and lost_on is null and (:everyone or atena_no = any(cast(:numbers as text[])))
