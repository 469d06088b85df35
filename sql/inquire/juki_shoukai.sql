-- what:   persons whose register row is needed and not held, first reason, not while a question is open
-- basis:  spec 1; decisions, Scope: 01 受付, 02 世帯主・配偶者, 03 処理結果 (by 個人番号: nobody held has it), 04 移行
-- grain:  one 宛名番号 or, where there is none, one number of the vault
-- params: none
with needed as (
    select atena_no, '01' as shoukai_jiyu_code, uketsuke_no as konkyo_no from pension.uketsuke
    union all
    select setainushi_atena_no, '02', uketsuke_no from pension.uketsuke
    where todoke_code in ('41', '42') and setainushi_atena_no is not null
    union all
    select haiguusha_atena_no, '02', uketsuke_no from pension.uketsuke
    where todoke_code in ('41', '42') and haiguusha_atena_no is not null
    union all
    select atena_no, '04', null from pension.taisho where reason in ('hihokensha', 'jukyuken')
),
first_reason as (
    select distinct on (atena_no) atena_no, shoukai_jiyu_code, konkyo_no from needed as n
    where not exists (select 1 from pension.atena as a where a.atena_no = n.atena_no and a.superseded_at is null)
        and not exists (select 1 from pension.juki_shoukai as q where q.atena_no = n.atena_no and q.answered_at is null)
    order by atena_no, shoukai_jiyu_code, konkyo_no
),
of_results as (
    select distinct k.kojin_id
    from pension.totsugo as t
    join pension.kikou_kekka as k using (kikou_kekka_id)
    where t.superseded_at is null and t.atena_no is null and k.superseded_at is null and k.kojin_id is not null
        and not exists (select 1 from pension.juki_shoukai as q where q.kojin_id = k.kojin_id and q.answered_at is null)
)
select cast(null as bigint) as kojin_id, atena_no, shoukai_jiyu_code, lpad(konkyo_no, 20, '0') as konkyo_no from first_reason
union all
select kojin_id, null, '03', null from of_results
order by atena_no nulls first, kojin_id
