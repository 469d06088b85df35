-- what:   what is to be reported to a 年金事務所, with what 宛名 says of the person, the open points of 突合1, and whether it was left
--         out of this report
-- basis:  国民年金法施行規則第9条; 評価書 Ⅲ-5 リスク3 (論理チェック); P7; P84
-- grain:  one intake (its newest revision) or one approved loss, in the order of the file
-- params: jimusho_code, shintatsu_id
select
    c.uketsuke_no, c.uketsuke_id, c.idou_approval_id, c.ku_code, c.todoke_code, c.juri_on,
    c.due_on, c.again, c.atena_no,
    coalesce(c.kojin_id, a.kojin_id) as kojin_id,
    coalesce(c.kiso_nenkin_no, k.kiso_nenkin_no) as kiso_nenkin_no, c.name_kana, c.birth_on, c.sex_code, c.gaitou_on, c.jiyu_code,
    c.shubetsu_code, c.menjo_code, c.menjo_year, c.menjo_from_month, c.menjo_to_month, c.keizoku_flag, c.shitsugyo_flag,
    c.gakko_name, c.nenkin_code, c.shousho_no, c.seikyusha_name, c.seikyusha_zokugara, c.shibou_on, c.shoshin_on,
    c.shindansho_flag, c.new_name, c.new_name_kana, a.name, a.postal_code, concat_ws('　', a.address, a.katagaki) as address,
    p.name as prev_name, coalesce(q.address, a.prev_address, a.tennyu_moto_address) as prev_address,
    coalesce(a.setai_no in (select s.setai_no from pension.setai_protected as s), false) as shien_flag, c.rev,
    pension.kijitsu_on(case c.todoke_code when '42' then 'gakusei_nendo' else 'menjo_nendo' end, c.juri_on) as nendo_from,
    coalesce(x.missing, '{}') as missing, coalesce(x.findings, '{}') as findings, j.out as left_out, j.why as left_out_why,
    c.uketsuke_id is not null and x.uketsuke_id is null as unchecked
from pension.shintatsu_kouho as c
left join pension.atena_ima as a on a.atena_no = c.atena_no
left join pension.kiso_nenkin_no_only as k on k.atena_no = c.atena_no
left join pension.uketsuke_check as x on x.uketsuke_id = c.uketsuke_id and x.superseded_at is null
left join lateral (  -- the name, and the address, before the one that the person has now
    select h.name from pension.atena as h
    where h.atena_no = c.atena_no and h.superseded_at is null and not h.sakujo_flag and h.rireki_no < a.rireki_no
        and pension.shukutai(h.name) <> pension.shukutai(a.name)
    order by h.rireki_no desc limit 1
) as p on true
left join lateral (
    select concat_ws('　', h.address, h.katagaki) as address from pension.atena as h
    where h.atena_no = c.atena_no and h.superseded_at is null and not h.sakujo_flag and h.rireki_no < a.rireki_no
        and pension.shukutai(h.address) <> pension.shukutai(a.address)
    order by h.rireki_no desc limit 1
) as q on true
left join lateral (
    select g.out, g.why from pension.shintatsu_jogai as g
    where g.shintatsu_id = :shintatsu_id and g.uketsuke_no = c.uketsuke_no order by g.event_id desc limit 1
) as j on true
where c.jimusho_code = :jimusho_code
order by c.todoke_code, c.uketsuke_no
