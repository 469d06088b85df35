-- what:   what is to be sent, oldest first: what was begun, what never went, what two people send again
-- basis:  P57; F02, F26, F27
-- grain:  one file
-- params: datasets
-- decides: which files are to be sent: never one that went, or was handed over by hand, unless two people said so
select o.output_id, o.dataset, o.period, o.name, o.rows, o.sha256, again.approval_id,
    case when l.sent_at is null then l.soushin_id end as soushin_id,
    case when l.soushin_id is null then 1 when l.sent_at is null then l.attempt else l.attempt + 1 end as attempt
from ledger.output as o
left join lateral (
    select s.soushin_id, s.attempt, s.sent_at
    from ledger.soushin as s
    where s.output_id = o.output_id
    order by s.attempt desc
    limit 1
) as l on true
left join lateral (
    select min(r.approval_id) as approval_id
    from ledger.saisou as r
    join ledger.approval as a using (approval_id)
    where r.output_id = o.output_id and a.kind = 'saisou' and a.decision = 'approved' and a.content_hash = o.sha256
        and not exists (select 1 from ledger.soushin as s where s.approval_id = r.approval_id)
) as again on true
where o.released_at is not null and o.dataset = any(cast(:datasets as text[]))
    and case
        when l.soushin_id is null then not exists (select 1 from ledger.hikiwatashi as h where h.output_id = o.output_id)
        when l.sent_at is null then true
        else again.approval_id is not null
    end
order by o.output_id
