-- what:   a question, open until it is answered or its intake closes
-- basis:  評価書 Ⅲ-2 リスク1
-- grain:  one 照会番号
-- params: shoukai_no, uketsuke_no, kankei_code, atena_no, soutou_year, shoukai_jiyu_code, run_id, asked_on
insert into pension.shotoku_shoukai (shoukai_no, uketsuke_no, kankei_code, atena_no, soutou_year, shoukai_jiyu_code,
    run_id, asked_on)
values (:shoukai_no, :uketsuke_no, :kankei_code, :atena_no, :soutou_year, :shoukai_jiyu_code, cast(:run_id as uuid), :asked_on)
