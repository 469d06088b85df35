-- what:   所得附票: open applications for 免除等, who counts and their income: these, or of a period, or due (both: only whole ones)
-- basis:  P5; 住民記録システム標準仕様書 3.4 (addresses of the household of a 支援措置対象者 stay hidden)
-- grain:  one application, by 受付区 and 受付番号
-- params: uketsuke_nos, first_on, last_on, due
with chosen as (
    select u.*, y.years, encode(sha256(convert_to(jsonb_build_array(
        u.menjo_code, u.menjo_year, u.menjo_from_month, u.menjo_to_month, u.keizoku_flag, u.shitsugyo_flag, u.gakko_name,
        u.setainushi_atena_no, y.shown
    )::text, 'UTF8')), 'hex') as content_hash
    from pension.uketsuke_open as u
    join lateral (
        select bool_and(i.answered) as answered,
            jsonb_agg(jsonb_build_object('soutou_year', i.soutou_year, 'persons', i.persons) order by i.soutou_year) as years,
            jsonb_agg(i.shown order by i.soutou_year) as shown
        from pension.shotoku_of_intake as i
        where i.uketsuke_no = u.uketsuke_no
    ) as y on y.years is not null
    where u.todoke_code in ('41', '42') and (
        u.uketsuke_no = any(cast(:uketsuke_nos as text[])) or (y.answered and (:due or u.juri_on between :first_on and :last_on))
    )
)
select
    c.uketsuke_no, c.todoke_code, c.menjo_code, c.menjo_year, c.menjo_from_month, c.menjo_to_month, c.keizoku_flag,
    c.shitsugyo_flag, c.gakko_name, c.juri_on, c.uketsuke_ku_code, c.atena_no, c.setainushi_atena_no, c.name_kana,
    coalesce(case when not own.birth_fusho_flag then own.birth_on end, c.birth_on) as birth_on,
    c.sex_code, c.years, c.content_hash, t.from_month, t.to_month, t.first_month, t.last_month,
    coalesce(
        c.kiso_nenkin_no, (select k.kiso_nenkin_no from pension.kiso_nenkin_no_only as k where k.atena_no = c.atena_no)
    ) as kiso_nenkin_no,
    c.todoke_code = '41' and c.menjo_code is distinct from '30' and c.setainushi_atena_no is null as lacks_head,
    (
        select jsonb_agg(jsonb_build_object(
            'kankei_code', p.kankei_code, 'atena_no', p.atena_no, 'name', a.name, 'tsusho', a.tsusho,
            'name_kana', a.name_kana, 'address', a.address, 'katagaki', a.katagaki,
            'birth_on', case when not a.birth_fusho_flag then a.birth_on end,
            'protected', a.setai_no in (select h.setai_no from pension.setai_protected as h)
        ) order by p.kankei_code)
        from (select distinct n.kankei_code, n.atena_no from pension.shotoku_needed as n where n.uketsuke_no = c.uketsuke_no) as p
        left join pension.atena_ima as a on a.atena_no = p.atena_no
    ) as people
from chosen as c
left join pension.shinsei_tsuki as t using (uketsuke_id)
left join pension.atena_ima as own on own.atena_no = c.atena_no
where not :due or not exists (  -- as it is now, it was not printed yet
    select 1 from ledger.printed as p
    where p.uketsuke_no = c.uketsuke_no and p.content_hash = c.content_hash and p.placed_at is not null
)
order by c.uketsuke_ku_code, c.uketsuke_no
