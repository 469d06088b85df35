-- what:   the rows held, as key and hash of the raw record: what is the same need not be decoded again
-- basis:  performance: hash the raw record bytes
-- grain:  one 宛名 row in force
-- params: everyone, numbers
select atena_no::bigint, rireki_no, row_hash from pension.atena
where superseded_at is null and (:everyone or atena_no = any(cast(:numbers as text[])))
