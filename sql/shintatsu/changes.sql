-- what:   what was changed since a report was opened: revisions of the intakes of its office, beside the one before; who was left
--         out or came back
-- basis:  評価書 Ⅲ-5 リスク3; P85
-- grain:  one revision, or one word of somebody
-- params: shintatsu_id
select
    u.uketsuke_no, u.todoke_code, u.name_kana, u.rev, cast(null as boolean) as out, null as why, to_jsonb(p) as before,
    to_jsonb(u) as after, u.recorded_at as at, cast(null as bigint) as event_id
from ledger.shintatsu as s
join ledger.run as r on r.run_id = s.run_id
join pension.shintatsu_saki as o on o.jimusho_code = s.jimusho_code
join pension.uketsuke as u
    on u.uketsuke_ku_code = o.uketsuke_ku_code and u.recorded_at > r.started_at and u.superseded_at is null
left join lateral (
    select b.* from pension.uketsuke as b
    where b.uketsuke_no = u.uketsuke_no and b.superseded_at is null and b.rev < u.rev
    order by b.rev desc limit 1
) as p on true
where s.shintatsu_id = :shintatsu_id and p.uketsuke_id is not null
union all
select j.uketsuke_no, c.todoke_code, c.name_kana, null, j.out, j.why, null, null, null, j.event_id
from pension.shintatsu_jogai as j
left join pension.shintatsu_kouho as c on c.uketsuke_no = j.uketsuke_no
where j.shintatsu_id = :shintatsu_id
order by uketsuke_no, rev nulls last, event_id
