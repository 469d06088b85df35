-- what:   persons whose register row is needed and not held, first reason, not while a question is open
-- basis:  spec 1; decisions, Scope: 01 受付, 02 世帯主・配偶者, 04 移行
-- grain:  one 宛名番号, in the order of the file
-- params: business_on
with needed as (
    select atena_no, '01' as shoukai_jiyu_code, uketsuke_no as konkyo_no from pension.uketsuke
    union all
    select setainushi_atena_no, '02', uketsuke_no from pension.uketsuke where todoke_code in ('41', '42') and setainushi_atena_no is not null
    union all
    select haiguusha_atena_no, '02', uketsuke_no from pension.uketsuke where todoke_code in ('41', '42') and haiguusha_atena_no is not null
    union all
    select atena_no, '04', null from pension.taisho where reason in ('hihokensha', 'jukyuken')
),
first_reason as (
    select distinct on (atena_no) atena_no, shoukai_jiyu_code, konkyo_no from needed as n
    where not exists (select 1 from pension.atena as a where a.atena_no = n.atena_no and a.superseded_at is null)
        and not exists (select 1 from pension.juki_shoukai as q where q.atena_no = n.atena_no and q.answered_at is null)
    order by atena_no, shoukai_jiyu_code, konkyo_no
),
numbered as (
    select coalesce(max(right(shoukai_no, 7)::integer), 0) as last from pension.juki_shoukai where asked_on = :business_on
)
select
    to_char(cast(:business_on as date), 'YYYYMMDD') || lpad((last + row_number() over (order by atena_no))::text, 7, '0') as shoukai_no,
    atena_no, cast(null as text) as kojin_no, shoukai_jiyu_code, lpad(konkyo_no, 20, '0') as konkyo_no
from first_reason, numbered
order by 1
