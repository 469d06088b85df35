-- what:   所得照会 that may be answered: open, or answered by an earlier version of this file (訂正), with the 4情報 of their persons
-- basis:  spec 6; decisions, 所得照会
-- grain:  one 照会番号
-- params: dataset, seq
select q.shoukai_no, q.atena_no, q.soutou_year, a.name_kana, a.birth_on, a.birth_fusho_flag, a.sex_code, a.address
from pension.shotoku_open as q
left join pension.atena_ima as a on a.atena_no = q.atena_no
where not exists (select 1 from pension.shotoku_shoukai as s where s.shoukai_no = q.shoukai_no and s.answered_at is not null)
    or q.answered_by_file in (
        select file_id from ledger.file
        where dataset = :dataset and outcome = 'accepted' and seq = cast(:seq as integer)
    )
