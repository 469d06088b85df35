-- what:   what a second person has said of what is to leave: of a report as it was fixed, of a version, or of a run's questions
-- basis:  P53, P81; decisions, 登録簿
-- grain:  at most one approval
-- params: approval_id, output_id, run_id, kind
select a.decision, a.maker, r.user_name as started_by, a.checker, coalesce(a.decided_at > a.expires_at, false) as late,
    a.content_hash, cast(a.made_at as date) as made_on, o.created_on
from ledger.approval as a
join ledger.run as r using (run_id)
left join ledger.output as o on o.approval_id = a.approval_id
where case
    when cast(:approval_id as bigint) is not null then a.approval_id = :approval_id
    when cast(:output_id as bigint) is not null then o.output_id = :output_id
    else a.run_id = cast(:run_id as uuid) and a.kind = :kind and a.decision is distinct from 'superseded'
end
order by a.approval_id desc limit 1
