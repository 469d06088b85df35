-- what:   確認リスト from the rows of this file: 取得候補, 要確認 (26; a deleted newest row), 住所・氏名の変更, 免除の再確認
-- basis:  spec 4; decisions, 異動 -> 資格 (免除再確認: what is not over on 異動年月日)
-- grain:  one kind and row
-- params: file_id, business_on, resets
-- decides: what a person should look at after a 住基 file
with stored as (
    select a.*, not exists (
        select 1 from pension.atena as b where b.atena_no = a.atena_no and b.superseded_at is null and b.rireki_no > a.rireki_no
    ) as newest
    from pension.atena as a
    where a.file_id = :file_id and a.superseded_at is null
        and (a.sakujo_flag or a.idou_jiyu_code in ('26', '50', '51', '52', '53')
            or (not :resets and a.idou_jiyu_code in ('01', '02', '04', '05', '06', '41', '54', '55', '56', '57', '58')))
),
insured as (
    select distinct atena_no from pension.shikaku where superseded_at is null and lost_on is null
),
entry as (
    select '取得候補' as kind, s.atena_no, s.atena_id, '' as row_key
    from stored as s join pension.kouho as k on k.file_id = s.file_id and k.line = s.line
    where not s.sakujo_flag
    union all
    select '要確認', s.atena_no, s.atena_id, '' from stored as s
    where (s.sakujo_flag and s.newest) or (not s.sakujo_flag and s.idou_jiyu_code = '26' and (s.newest or not :resets))
    union all
    select case when s.idou_jiyu_code = '41' then '住所変更' else '氏名変更' end, s.atena_no, s.atena_id, ''
    from stored as s join insured using (atena_no)
    where not :resets and not s.sakujo_flag and s.idou_jiyu_code in ('41', '54', '55', '56', '57', '58')
    union all
    select '免除再確認', s.atena_no, s.atena_id, m.row_key
    from stored as s
    join insured using (atena_no)
    join pension.nenkin_kihon as n on n.atena_no = s.atena_no and n.superseded_at is null
    join pension.menjo as m on m.kiso_nenkin_no = n.kiso_nenkin_no and m.superseded_at is null
    -- also of months to come; not 受付, 却下, 返戻, 取消, nor 産前産後 (50) and 育児 (60), which no income decides
    where not s.sakujo_flag and s.idou_jiyu_code in ('50', '51', '52', '53') and m.kettei_flag
        and m.menjo_code not in ('50', '60') and coalesce(m.saitei_kekka_code, '') not in ('04', '05', '06')
        and m.shoumetsu_on is null and (m.to_month is null or m.to_month + interval '1 month' > s.idou_on)
    union all
    -- the household of an open application: 本人, 配偶者 and 世帯主 count (国民年金法第90条)
    select '免除再確認', s.atena_no, s.atena_id, '受付-' || u.uketsuke_no
    from stored as s
    join pension.uketsuke_open as u on s.atena_no in (u.atena_no, u.haiguusha_atena_no, u.setainushi_atena_no)
    where not s.sakujo_flag and s.idou_jiyu_code in ('50', '51', '52', '53') and s.idou_on >= u.juri_on
        and u.todoke_code = '41'
)
insert into pension.worklist (kind, atena_no, atena_id, row_key, opened_on)
select kind, atena_no, atena_id, row_key, :business_on from entry
on conflict (kind, atena_id, row_key) do nothing
