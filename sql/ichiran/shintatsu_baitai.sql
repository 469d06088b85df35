-- what:   the 媒体通番 of what was fixed on days of a period, and what became of each
-- basis:  国民年金法施行規則第9条; P39; P40; P77; P83
-- grain:  one 媒体通番, by office, in the order in which they were given
-- params: first_on, last_on
select
    b.jimusho_code, to_char(b.baitai_no, 'FM000') as baitai_no, b.name, b.rows, b.frozen_on, b.made_at, b.mark, b.verified_at,
    b.handed_on, b.handed_at, b.receipt_no,
    case b.state
        when 'none' then '欠番' when 'making' then '作成中' when 'made' then '引渡し待ち' when 'handed' then '未確認'
        when 'received' then '受領' when 'refused' then '不受理' when 'cancelled' then '取止め'
    end as result_label,
    b.received_on, b.received_no,
    concat_ws('・', '確定 ' || b.maker, '承認 ' || b.checker, '引渡し ' || b.handed_by) as people_label
from ledger.shintatsu_baitai as b
where b.frozen_on between :first_on and :last_on
order by b.jimusho_code, b.given_at, b.approval_id
