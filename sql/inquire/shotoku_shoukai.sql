-- what:   persons and 相当年度 whose income an open, confirmed intake needs and that were not asked for it yet
-- basis:  評価書 Ⅲ-2 リスク1; decisions, 所得照会
-- grain:  one person and 相当年度 of an intake, in the order of the file
-- params: none
select a.uketsuke_no, a.kankei_code, a.atena_no, a.soutou_year, a.shoukai_jiyu_code
from pension.shotoku_needed as a
where not exists (
    select 1 from pension.shotoku_shoukai as q
    where q.uketsuke_no = a.uketsuke_no and q.atena_no = a.atena_no and q.soutou_year = a.soutou_year
)
order by a.uketsuke_no, a.kankei_code, a.soutou_year
