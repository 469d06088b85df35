-- what:   the records of a report as they were fixed and approved
-- basis:  国民年金法第12条第4項; 国民年金法施行規則第9条; P7; P59
-- grain:  one record, in the order of the file
-- params: kakutei
select
    k.youshiki_code, k.uketsuke_no, k.todoke_code, k.juri_on, k.kiso_nenkin_no, k.kojin_id, k.name_kana, k.name,
    k.birth_on, k.sex_code, k.postal_code, k.address, k.gaitou_on, k.jiyu_code, k.shubetsu_code, k.menjo_code,
    k.from_month, k.to_month, k.keizoku_flag, k.shitsugyo_flag, k.gakko_name, k.nenkin_code, k.shousho_no,
    k.seikyusha_name, k.seikyusha_zokugara, k.shibou_on, k.shoshin_on, k.shindansho_flag, k.new_name_kana,
    k.new_name, k.prev_name, k.prev_address, k.bikou
from pension.shintatsu_kiroku as k
join pension.shintatsu_taisho as t on t.approval_id = k.approval_id and t.uketsuke_no = k.uketsuke_no
where k.approval_id = :kakutei
order by k.place
