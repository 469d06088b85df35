-- what:   進達台帳: the reports whose file was made in a period, by kind of 届書 and as a whole: how many, how long they waited,
--         what became of them
-- basis:  P77; 国民年金法施行規則第9条
-- grain:  one report and 届書, and the sum of the report (計)
-- params: first_on, last_on, business_on
select
    i.shintatsu_id, i.jimusho_code, i.state, i.frozen_on, i.baitai_no, i.name, i.made_at, i.handed_on, i.receiver, i.receipt_no,
    i.received_on, i.received_no, coalesce(k.todoke_code, '計') as todoke_code, count(*) as n,
    count(*) filter (where i.handed_on > k.due_on) as late,
    cast(round(avg(i.handed_on - k.juri_on), 1) as text) as days, max(i.handed_on - k.juri_on) as days_most,
    count(*) filter (where r.outcome in ('matched', 'differs')) as settled,
    count(*) filter (where r.outcome = 'returned') as returned,
    count(*) filter (where r.outcome in ('waiting', 'overdue')) as waiting,
    count(*) filter (where r.outcome = 'overdue') as overdue,
    cast(
        round(100.0 * count(*) filter (where r.outcome in ('matched', 'differs')) / nullif(count(r.outcome), 0), 1) as text
    ) as percent
from ledger.shintatsu_ima as i
join pension.shintatsu_kiroku as k using (approval_id)
left join pension.shintatsu_kekka(:business_on) as r using (approval_id, place)
where i.output_id is not null and i.frozen_on between :first_on and :last_on
group by grouping sets (
    (i.shintatsu_id, i.jimusho_code, i.state, i.frozen_on, i.baitai_no, i.name, i.made_at, i.handed_on, i.receiver, i.receipt_no,
        i.received_on, i.received_no, k.todoke_code),
    (i.shintatsu_id, i.jimusho_code, i.state, i.frozen_on, i.baitai_no, i.name, i.made_at, i.handed_on, i.receiver, i.receipt_no,
        i.received_on, i.received_no)
)
order by i.frozen_on, i.shintatsu_id, k.todoke_code nulls last
