-- what:   held answers that nobody can take in any more: answered or held anew, corrected, their intake closed, their term ended
-- basis:  decisions, 所得照会 (stored only if the question and its intake are open)
-- grain:  one approval
-- params: run_id, user_name, unit, terminal
select ledger.decide(
    a.approval_id, 'withdrawn', :user_name, '照会の終了、後の回答又は期限切れ', cast(:run_id as uuid), :unit, :terminal
)
from pension.shotoku_horyuu as h
join ledger.approval as a using (approval_id)
where a.decision is null and (
    a.expires_at < now()
    or not exists (select 1 from pension.shotoku_horyuu_open as o where o.approval_id = a.approval_id)
    or exists (
        select 1 from pension.shotoku_horyuu as n join ledger.approval as m using (approval_id)
        where n.shoukai_no = h.shoukai_no and n.approval_id > h.approval_id and m.decision is null
    )
)
