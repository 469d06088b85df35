-- what:   要確認 of claims and reports that leave the list: 年金コード or 初診日 came, or the intake is closed
-- basis:  decisions, 所得照会
-- grain:  one entry
-- params: none
update pension.worklist as w set closed_at = now(), close_reason = '年金コード・初診日の判明又は受付の終了'
where w.kind = '要確認' and w.closed_at is null and w.row_key like '受付-% 20歳前傷病か分からない%' and not exists (
    select 1 from pension.uketsuke_open as u
    join pension.shogai_todoke as d using (uketsuke_id)
    where d.hatachi_mae is null and w.row_key like '受付-' || u.uketsuke_no || ' %'
)
