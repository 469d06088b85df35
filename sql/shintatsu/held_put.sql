-- what:   a candidate that did not go, and why
-- basis:  interfaces, 進達; P85
-- grain:  one item of a candidate
-- params: approval_id, uketsuke_no, uketsuke_id, idou_approval_id, item, kind
insert into pension.shintatsu_horyuu (approval_id, uketsuke_no, uketsuke_id, idou_approval_id, item, kind)
values (:approval_id, :uketsuke_no, :uketsuke_id, :idou_approval_id, :item, :kind)
