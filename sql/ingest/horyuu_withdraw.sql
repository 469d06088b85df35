-- what:   held answers that nobody can take in any more: answered meanwhile, corrected, the intake closed, or the term ended
-- basis:  decisions, 所得照会 (stored only if the question and its intake are open)
-- grain:  one approval
-- params: none
update ledger.approval as a set decision = 'withdrawn', decided_at = now(), reason = '照会の終了、訂正又は期限切れ'
where a.decision is null and a.kind = 'shotoku_kaitou' and (
    a.expires_at < now() or not exists (select 1 from pension.shotoku_horyuu_open as o where o.approval_id = a.approval_id)
)
