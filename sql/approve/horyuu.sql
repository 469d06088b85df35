-- what:   held answers; the record of each, encrypted, only while it can still be taken in
-- basis:  spec 6
-- grain:  one answer
-- params: approvals
select h.approval_id, h.shoukai_no, q.atena_no, q.soutou_year, h.file_id, h.line, o.version, o.row_cipher, o.key_id
from pension.shotoku_horyuu as h
join pension.shotoku_shoukai as q using (shoukai_no)
left join pension.shotoku_horyuu_open as o using (approval_id)
where h.approval_id = any(cast(:approvals as bigint[]))
