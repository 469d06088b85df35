-- what:   what changes of the registry are about
-- basis:  P53, P81; decisions, 登録簿
-- grain:  one row of a change
-- params: approvals
select approval_id, row_id, sha256
from ledger.tourokubo
where approval_id = any(cast(:approvals as bigint []))
order by approval_id, row_id
