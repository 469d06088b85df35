-- what:   reports of the offices as they are now: all, those of a run, one, or those under way
-- basis:  P77; P85
-- grain:  one report, the newest first
-- params: shintatsu_id, run_id, approval_id, under_way
select shintatsu_id, run_id, jimusho_code, opened_on, kakunin_until, state, approval_id, frozen_on, content_hash, maker, checker,
    decided_at, expires_at, baitai_no, output_id, name, rows, sha256, made_at, medium_no, handed_on, receiver, receipt_no,
    received_on, received_no
from ledger.shintatsu_ima
where (cast(:shintatsu_id as bigint) is null or shintatsu_id = :shintatsu_id)
    and (cast(:run_id as uuid) is null or run_id = cast(:run_id as uuid))
    and (cast(:approval_id as bigint) is null or approval_id = :approval_id)
    and (not :under_way or state in ('opened', 'frozen', 'approved', 'made', 'handed'))
order by shintatsu_id desc
