-- what:   how many records of a report that was fixed are no candidates any more as they were fixed
-- basis:  P85
-- grain:  one approval of a report that waits for it
-- params: approvals
select i.approval_id, (
    select count(*) from pension.shintatsu_kiroku as k
    where k.approval_id = i.approval_id and not exists (
        select from pension.shintatsu_kouho as c
        where c.uketsuke_no = k.uketsuke_no and c.jimusho_code = i.jimusho_code
            and c.uketsuke_id is not distinct from k.uketsuke_id
    )
) as changed
from ledger.shintatsu_ima as i
where i.state = 'frozen' and i.approval_id = any(cast(:approvals as bigint[]))
