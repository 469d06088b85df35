-- what:   persons who may be held (対象者), all or of these numbers, by what is known now
-- basis:  spec 1; P13; P47; P60; decisions, Finer still (a kouho counts until its 6 months are over)
-- grain:  all 宛名番号 in one piece, 8 bytes each (one may stand twice)
-- params: everyone, numbers, business_on
select string_agg(int8send(atena_no::bigint), '') from (
    select atena_no from pension.taisho
    union all
    select atena_no from pension.kouho where until_on >= :business_on
) as known
where :everyone or atena_no = any(cast(:numbers as text[]))
