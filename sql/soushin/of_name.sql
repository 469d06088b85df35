-- what:   the last attempt of a file at a partner, and how many answers it has
-- basis:  F27
-- grain:  at most one file
-- params: partner, name
select i.soushin_id, i.output_id, i.attempt, i.dataset, i.name, i.rows, i.sha256, i.state,
    (
        select count(*) from ledger.juryou as k where k.soushin_id = i.soushin_id and k.result in ('accepted', 'refused')
    ) as answers
from ledger.soushin_ima as i
where i.partner = :partner and i.name = :name
order by i.output_id desc limit 1
