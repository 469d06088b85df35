-- what:   changes of 資格 that wait for a second person: whose, what, and the loss before and after the approval
-- basis:  P53; spec 4
-- grain:  one proposal
-- params: last_on
select a.approval_id, p.atena_no, n.name, n.name_kana, n.ku_code, s.shubetsu_code, s.acquired_on,
    case p.action when 'loss' then '喪失' when 'correct' then '喪失の訂正' else '喪失の取消し' end as action_label,
    s.lost_on as lost_before, s.soushitsu_jiyu_code as jiyu_before, p.lost_on as lost_after, p.soushitsu_jiyu_code as jiyu_after,
    a.maker, a.made_at, cast(a.expires_at as date) as expires_on, r.business_on
from pension.idou_proposal as p
join ledger.approval as a using (approval_id)
join ledger.run as r using (run_id)
left join pension.shikaku as s on s.row_key = p.shikaku_key and s.superseded_at is null
left join pension.atena_ima as n on n.atena_no = p.atena_no
where a.decision is null and r.business_on <= :last_on
order by a.approval_id
