-- what:   the outcome of every result of one day's lists and of every intake that takes part, with the names of differing items
-- basis:  spec 7 (no values)
-- grain:  one result or one intake
-- params: business_on
with result as (
    select f.name || ':' || k.line as key, s.outcome, array_to_string(s.items, ' ') as items, f.seq, k.line
    from pension.totsugo as s
    join pension.kikou_kekka as k using (kikou_kekka_id)
    join ledger.file as f using (file_id)
    where s.superseded_at is null and f.business_on = :business_on
),
every as (
    select 'result' as kind, key, outcome, items, seq, line from result
    union all
    select 'intake', o.uketsuke_no, o.outcome, array_to_string(o.items, ' '), null, null
    from pension.uketsuke_outcome(:business_on) as o
)
select kind, key, outcome, items from every order by kind desc, seq, line, key
