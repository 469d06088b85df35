-- what:   所得照会 that may be answered: open, or answered by an earlier version of this file (訂正), with the 4情報 of their persons
-- basis:  spec 6; decisions, 所得照会
-- grain:  one 照会番号
-- params: dataset, seq
select q.shoukai_no, q.atena_no, q.soutou_year, a.name_kana, a.birth_on, a.sex_code, a.address
from pension.shotoku_open as q
left join lateral (
    select name_kana, case when not birth_fusho_flag then birth_on end as birth_on, sex_code, address from pension.atena
    where atena_no = q.atena_no and superseded_at is null and not sakujo_flag
    order by rireki_no desc limit 1
) as a on true
where not exists (select 1 from pension.shotoku_shoukai as s where s.shoukai_no = q.shoukai_no and s.answered_at is not null)
    or q.answered_by_file in (
        select file_id from ledger.file
        where dataset = :dataset and outcome = 'accepted' and seq = cast(:seq as integer)
    )
