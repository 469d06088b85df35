-- what:   the question of an approved answer closes; what an earlier version of its file had said ends
-- basis:  decisions, 所得照会
-- grain:  one 照会番号
-- params: shoukai_no, file_id
with earlier as (
    update pension.shotoku set superseded_at = now(), superseded_by_file = :file_id
    where shoukai_no = :shoukai_no and superseded_at is null
)
update pension.shotoku_shoukai set answered_at = now(), answered_by_file = :file_id where shoukai_no = :shoukai_no
