-- what:   rows of this file that may touch 資格, in file order: 21, 22, 23, 28, and rows that take the place of such a one (訂正)
-- basis:  spec 4; F16
-- grain:  one stored row of a person with a 資格 that is open or with a proposal
-- params: file_id
-- decides: which rows of a 住基 file may touch a 資格
with replaced as (
    select distinct row_key from pension.atena
    where superseded_by_file = :file_id and not sakujo_flag and idou_jiyu_code in ('21', '22', '23', '28')
)
select a.atena_id, a.atena_no, a.rireki_no, a.idou_jiyu_code, a.idou_on, a.sakujo_flag as deleted, a.recorded_at as known_at
from pension.atena as a
left join replaced as r using (row_key)
where a.file_id = :file_id and a.superseded_at is null
    and (r.row_key is not null or (not a.sakujo_flag and a.idou_jiyu_code in ('21', '22', '23', '28')))
    and (
        exists (
            select 1 from pension.shikaku as s where s.atena_no = a.atena_no and s.superseded_at is null and s.lost_on is null
        )
        or exists (select 1 from pension.idou_proposal as p where p.atena_no = a.atena_no)
    )
order by a.line
