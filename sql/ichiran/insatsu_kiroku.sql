-- what:   the pages that were printed in a period: who, when, why, whose
-- basis:  P5; 住民記録システム標準仕様書 10.2 (印刷ログ)
-- grain:  one page
-- params: first_on, last_on
select p.recorded_at as printed_at, r.user_name, r.unit,
    r.terminal, r.reason, p.uketsuke_no, p.uketsuke_ku_code, p.atena_no, p.file_name, p.page,
    case when p.placed_at is null then '出力未確認' else '出力' end as outcome
from ledger.printed as p
join ledger.run as r using (run_id)
where cast(p.recorded_at at time zone 'Asia/Tokyo' as date) between :first_on and :last_on
order by p.printed_id
