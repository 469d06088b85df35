-- what:   the records of a report as they stand on paper: no 個人番号, only whether the medium has one; protected then or now
-- basis:  評価書 Ⅰ-2 機能6; P7; P59
-- grain:  one record, in the order of the file
-- params: approval_id
select
    k.uketsuke_no, k.ku_code, k.todoke_code, k.juri_on, k.kiso_nenkin_no, k.kojin_id is not null as has_number,
    k.name_kana, k.name, k.birth_on, k.sex_code, k.postal_code, k.address, k.gaitou_on, k.jiyu_code, k.shubetsu_code,
    k.menjo_code, k.from_month, k.to_month, k.keizoku_flag, k.shitsugyo_flag, k.gakko_name, k.nenkin_code, k.shousho_no,
    k.seikyusha_name, k.seikyusha_zokugara, k.shibou_on, k.shoshin_on, k.shindansho_flag, k.new_name_kana, k.new_name,
    k.prev_name, k.prev_address, k.bikou, k.idou_approval_id is not null as shokken,
    k.shien_flag or a.setai_no in (select s.setai_no from pension.setai_protected as s) as protected
from pension.shintatsu_kiroku as k
left join pension.atena_ima as a using (atena_no)
where k.approval_id = :approval_id
order by k.place
