-- what:   rows of these persons that may touch 資格 (21, 22, 23, 28) or begin a residence: as they are, or as they were before
--         a file
-- basis:  spec 4; decisions, 喪失の重なり
-- grain:  one row of 宛名
-- params: numbers, file_id
select atena_no, atena_id, rireki_no, idou_jiyu_code, idou_on, recorded_at as known_at
from pension.atena
where atena_no = any(cast(:numbers as text[])) and not sakujo_flag
    and idou_jiyu_code in ('21', '22', '23', '28', '01', '02', '04', '05', '06')
    and (superseded_by_file = cast(:file_id as bigint)
        or (superseded_at is null and file_id is distinct from cast(:file_id as bigint)))
order by atena_no, rireki_no
