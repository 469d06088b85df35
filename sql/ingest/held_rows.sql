-- what:   the rows held, as key and hash of the raw record: what is the same need not be decoded again
-- basis:  architecture, Unchanged is not decoded
-- grain:  all 宛名 rows in force in one piece, 8 + 4 + 16 bytes each
-- params: everyone, numbers
select string_agg(int8send(atena_no::bigint) || int4send(rireki_no) || row_hash, '') from pension.atena
where superseded_at is null and (:everyone or atena_no = any(cast(:numbers as text[])))
