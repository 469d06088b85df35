-- what:   one proposal of 異動, on file and waiting for a second person
-- basis:  spec 4
-- grain:  one proposal
-- params: approval_id, atena_no, shikaku_key, action, lost_on, soushitsu_jiyu_code, atena_id
insert into pension.idou_proposal (approval_id, atena_no, shikaku_key, action, lost_on, soushitsu_jiyu_code, atena_id)
values (:approval_id, :atena_no, :shikaku_key, :action, :lost_on, :soushitsu_jiyu_code, :atena_id)
