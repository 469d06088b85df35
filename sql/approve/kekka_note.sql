-- what:   a result that could not be written anywhere, for a person to look at
-- basis:  decisions, Registering a result (where no 資格 fits, nothing but a worklist entry)
-- grain:  one entry
-- params: atena_no, kikou_kekka_id, business_on
insert into pension.worklist (kind, atena_no, atena_id, row_key, opened_on)
select '処理結果', cast(:atena_no as text), (select atena_id from pension.atena_ima where atena_no = :atena_no),
    'kikou_kekka-' || cast(:kikou_kekka_id as bigint), :business_on
