-- what:   entries about the end of 任意加入 that leave the 確認リスト: the 資格 has ended or is of another 種別, or the birth date
--         gives another day
-- basis:  decisions, 喪失の重なり
-- grain:  one entry
-- params: business_on
-- decides: which entries about an age are done with
update pension.worklist as w set closed_at = now(), close_reason = '年齢到達の対象外'
where w.closed_at is null and w.kind = '要確認' and starts_with(w.row_key, '年齢到達-') and not exists (
    select 1 from pension.nini_toutatsu(:business_on) as r
    where r.atena_no = w.atena_no and w.row_key = '年齢到達-' || r.reached_on || '-' || r.row_key
)
