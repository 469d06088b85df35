-- what:   突合 of results that have none in force
-- basis:  spec 7
-- grain:  one result
-- params: run_id
insert into pension.totsugo (kikou_kekka_id, outcome, cause, pass, uketsuke_no, uketsuke_id, candidate_no, atena_no, items,
    name_relation, is_first, hold_reason, run_id)
select j.kikou_kekka_id, j.outcome, j.cause, j.pass, j.uketsuke_no, j.uketsuke_id, j.candidate_no, j.atena_no, j.items,
    j.name_relation, j.is_first, j.hold_reason, cast(:run_id as uuid)
from judged as j
where not exists (select 1 from pension.totsugo as t where t.kikou_kekka_id = j.kikou_kekka_id and t.superseded_at is null)
order by j.kikou_kekka_id
