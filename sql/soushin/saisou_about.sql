-- what:   a file that was sent, and what waits for a second person, or was agreed to and has not gone
-- basis:  F27
-- grain:  at most one file
-- params: name
select i.output_id, i.dataset, i.name, i.sha256, i.partner, i.attempt, i.sent_at,
    array(
        select r.approval_id from ledger.saisou as r join ledger.approval as a using (approval_id)
        where r.output_id = i.output_id and a.decision is null order by 1
    ) as waiting,
    exists (
        select 1 from ledger.saisou as r join ledger.approval as a using (approval_id)
        where r.output_id = i.output_id and a.decision = 'approved'
            and not exists (select 1 from ledger.soushin as s where s.approval_id = r.approval_id)
    ) as agreed
from ledger.soushin_ima as i
where i.name = :name
order by i.output_id desc limit 1
