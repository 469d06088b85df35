-- what:   取得候補 whose person has a 資格 now leave the list at once, not only with the next 住基 file
-- basis:  decisions, 異動 -> 資格
-- grain:  one entry
-- params: none
update pension.worklist as w set closed_at = now(), close_reason = '資格あり'
where w.kind = '取得候補' and w.closed_at is null
    and exists (
        select 1 from pension.shikaku as s where s.atena_no = w.atena_no and s.superseded_at is null and s.lost_on is null
    )
