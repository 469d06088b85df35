-- what:   取得候補 that leave the list: a 資格 came, 09 cancelled, or the person left
-- basis:  decisions, 異動 -> 資格
-- grain:  one entry
-- params: none
update pension.worklist as w set closed_at = now(), close_reason = case
    when exists (
        select 1 from pension.shikaku as s where s.atena_no = w.atena_no and s.superseded_at is null and s.lost_on is null
    ) then '資格あり'
    else '異動により対象外'
end
where w.kind = '取得候補' and w.closed_at is null and (
    exists (select 1 from pension.shikaku as s where s.atena_no = w.atena_no and s.superseded_at is null and s.lost_on is null)
    or exists (
        select 1 from pension.atena as a join pension.atena as c on c.atena_id = w.atena_id
        where a.atena_no = w.atena_no and a.superseded_at is null and not a.sakujo_flag and a.rireki_no > c.rireki_no
            and a.idou_jiyu_code in ('09', '21', '22', '23', '26', '28')
    )
)
