-- what:   a question, open until the file that answers it
-- basis:  decisions, Scope
-- grain:  one 照会番号
-- params: shoukai_no, atena_no, kojin_id, shoukai_jiyu_code, konkyo_no, run_id, asked_on
insert into pension.juki_shoukai (shoukai_no, atena_no, kojin_id, shoukai_jiyu_code, konkyo_no, run_id, asked_on)
values (:shoukai_no, :atena_no, :kojin_id, :shoukai_jiyu_code, :konkyo_no, cast(:run_id as uuid), :asked_on)
