-- what:   a held answer put before a second person
-- basis:  spec 6 (4情報 that do not agree with 宛名 hold the row)
-- grain:  one row of one file
-- params: approval_id, file_id, line, shoukai_no
insert into pension.shotoku_horyuu (approval_id, file_id, line, shoukai_no) values (:approval_id, :file_id, :line, :shoukai_no)
