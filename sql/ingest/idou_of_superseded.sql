-- what:   pending proposals whose row this file superseded: withdrawn, and made anew from the new row
-- basis:  decisions, History
-- grain:  one proposal
-- params: file_id
select p.approval_id
from pension.idou_proposal as p
join ledger.approval as a using (approval_id)
join pension.atena as t on t.atena_id = p.atena_id
where a.decision is null and t.superseded_by_file = :file_id
order by p.approval_id
