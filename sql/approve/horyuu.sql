-- what:   one held answer; its record, encrypted, only while it can still be taken in
-- basis:  spec 6
-- grain:  at most one answer
-- params: approval_id
select h.shoukai_no, q.atena_no, q.soutou_year, h.file_id, h.line, o.version, o.row_cipher, o.key_id
from pension.shotoku_horyuu as h
join pension.shotoku_shoukai as q using (shoukai_no)
left join pension.shotoku_horyuu_open as o using (approval_id)
where h.approval_id = :approval_id
