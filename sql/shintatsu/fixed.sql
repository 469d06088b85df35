-- what:   what was fixed, what it is made of, and whom it is about
-- basis:  P7; P85
-- grain:  one record, in the order of the file
-- params: approval_id
select
    uketsuke_id, idou_approval_id, atena_no, youshiki_code, uketsuke_no, todoke_code, juri_on, kiso_nenkin_no, kojin_id,
    name_kana, name, birth_on, sex_code, postal_code, address, gaitou_on, jiyu_code, shubetsu_code, menjo_code, from_month,
    to_month, keizoku_flag, shitsugyo_flag, gakko_name, nenkin_code, shousho_no, seikyusha_name, seikyusha_zokugara, shibou_on,
    shoshin_on, shindansho_flag, new_name_kana, new_name, prev_name, prev_address, bikou
from pension.shintatsu_kiroku
where approval_id = :approval_id
order by place
