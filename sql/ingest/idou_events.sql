-- what:   rows of this file that may touch 資格, in file order; lost_before: the 異動事由 a 28 takes back; replaced: the 資格 that
--         the row before its correction closed
-- basis:  spec 4; F16; decisions, Late files (a row that newer rows have overtaken proposes nothing any more)
-- grain:  one stored row of a person with a 資格 that is open or was closed by an approved proposal
-- params: file_id
-- decides: which rows of a 住基 file may still touch a 資格, also when newer rows came before them
with replaced as (
    select b.row_key, min(p.shikaku_key) as shikaku_key
    from pension.idou_proposal as p
    join pension.atena as b on b.atena_id = p.atena_id and b.superseded_by_file = :file_id
    join pension.shikaku as s on s.row_key = p.shikaku_key and s.approval_id = p.approval_id and s.superseded_at is null
    where p.action in ('loss', 'correct')
    group by b.row_key
),
told as (
    select a.atena_id, a.atena_no, a.rireki_no, a.idou_jiyu_code, a.idou_on, a.sakujo_flag as deleted, a.line,
        case when a.idou_jiyu_code = '28' then (
            select b.idou_jiyu_code from pension.atena as b
            where b.atena_no = a.atena_no and b.superseded_at is null and not b.sakujo_flag
                and b.rireki_no < a.rireki_no and b.idou_jiyu_code in ('21', '22', '23')
            order by b.rireki_no desc limit 1
        ) end as lost_before,
        r.shikaku_key as replaced
    from pension.atena as a
    left join replaced as r on r.row_key = a.row_key
    where a.file_id = :file_id and a.superseded_at is null
        and (r.shikaku_key is not null or (not a.sakujo_flag and a.idou_jiyu_code in ('21', '22', '23', '28')))
        and (
            exists (
                select 1 from pension.shikaku as s
                where s.atena_no = a.atena_no and s.superseded_at is null and s.lost_on is null
            )
            or exists (select 1 from pension.idou_proposal as p where p.atena_no = a.atena_no)
        )
),
newer as (
    select t.atena_id, n.idou_jiyu_code, n.file_id is distinct from :file_id as of_another_file,
        row_number() over (partition by t.atena_id order by n.rireki_no) = 1 as is_next
    from told as t
    join pension.atena as n on n.atena_no = t.atena_no and n.rireki_no > t.rireki_no
    where n.superseded_at is null and not n.sakujo_flag and n.idou_jiyu_code in ('21', '22', '23', '28')
)
select t.atena_id, t.atena_no, t.idou_jiyu_code, t.idou_on, t.deleted, t.lost_before, t.replaced
from told as t
where t.replaced is not null or not exists (
    -- a newer row that was here before says the same 異動 again, or takes this one back (rows of this file come in its order)
    select 1 from newer as n
    where n.atena_id = t.atena_id and n.of_another_file and (
        n.idou_jiyu_code = coalesce(t.lost_before, t.idou_jiyu_code)
        or (n.is_next and n.idou_jiyu_code = '28' and t.idou_jiyu_code <> '28')
    )
)
order by t.line
