-- what:   results by the day of their list, outcome and cause; differences with 日本年金機構 as a share of all but duplicates
-- basis:  P90; decisions, 突合
-- grain:  one day
-- params: first_on, last_on
with counted as (
    select f.business_on, s.outcome, s.cause, count(*) as n,
        count(*) filter (where not exists (
            select 1 from pension.kekka_touroku as t join ledger.approval as a using (approval_id)
            where t.kikou_kekka_id = s.kikou_kekka_id and t.action = 'register' and a.decision in ('approved', 'rejected')
        )) as undecided
    from pension.totsugo as s
    join pension.kikou_kekka as k using (kikou_kekka_id)
    join ledger.file as f using (file_id)
    where s.superseded_at is null and f.business_on between :first_on and :last_on
    group by f.business_on, s.outcome, s.cause
),
by_day as (
    select business_on, sum(n) as results, coalesce(sum(n) filter (where outcome <> 'duplicate'), 0) as compared,
        coalesce(sum(n) filter (where outcome = 'matched'), 0) as matched,
        coalesce(sum(n) filter (where outcome = 'differs'), 0) as differs,
        coalesce(sum(n) filter (where outcome = 'expected_without_intake'), 0) as expected,
        coalesce(sum(n) filter (where outcome = 'unexplained'), 0) as unexplained,
        coalesce(sum(n) filter (where outcome = 'returned'), 0) as returned,
        coalesce(sum(n) filter (where outcome = 'duplicate'), 0) as duplicate,
        coalesce(sum(undecided) filter (where outcome <> 'duplicate'), 0) as undecided,
        coalesce(jsonb_object_agg(cause, n) filter (where cause is not null), '{}') as causes
    from counted
    group by business_on
)
select business_on, cast(results as integer) as results, cast(compared as integer) as compared,
    cast(matched as integer) as matched, cast(differs as integer) as differs, cast(expected as integer) as expected, causes,
    cast(unexplained as integer) as unexplained, cast(returned as integer) as returned,
    cast(duplicate as integer) as duplicate,
    cast(round(100.0 * (differs + unexplained) / nullif(compared, 0), 1) as text) as percent,
    cast(undecided as integer) as undecided
from by_day
order by business_on
