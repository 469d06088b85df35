-- what:   要確認: open claims for and reports on 障害基礎年金 whose 年金コード and 初診日 do not say whether their income counts
-- basis:  国民年金法第30条の4・第36条の3; decisions, 所得照会
-- grain:  one intake
-- params: business_on
insert into pension.worklist (kind, atena_no, row_key, opened_on)
select '要確認', u.atena_no, f.row_key, :business_on
from pension.uketsuke_open as u
join pension.shogai_todoke as d using (uketsuke_id)
cross join lateral (select '受付-' || u.uketsuke_no || ' 20歳前傷病か分からない（年金コード・初診日）' as row_key) as f
where d.hatachi_mae is null and not exists (
    select 1 from pension.worklist as w where w.kind = '要確認' and w.row_key = f.row_key and w.closed_at is null
)
order by u.uketsuke_no
