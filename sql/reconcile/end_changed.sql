-- what:   突合 of undecided results that is not so any more
-- basis:  P92 (nothing is overwritten)
-- grain:  one result
-- params: none
update pension.totsugo as t set superseded_at = now()
from judged as j
where t.superseded_at is null and t.kikou_kekka_id = j.kikou_kekka_id
    and (
        t.outcome, t.cause, t.pass, t.uketsuke_no, t.uketsuke_id, t.candidate_no, t.atena_no, t.items,
        t.name_relation, t.is_first, t.hold_reason
    ) is distinct from (
        j.outcome, j.cause, j.pass, j.uketsuke_no, j.uketsuke_id, j.candidate_no, j.atena_no, j.items,
        j.name_relation, j.is_first, j.hold_reason
    )
