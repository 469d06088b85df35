-- what:   what came of counting the media of a month (or of each), and when it was closed
-- basis:  P39; P40
-- grain:  one month
-- params: month
select month, t.approval_id, t.counted_on, t.seen, t.missing, t.strange, t.state, t.maker, t.checker,
    c.month is not null as closed
from ledger.tanaoroshi_ima as t left join ledger.tsukijime as c using (month)
where month = coalesce(:month, month)
order by month
