-- 進達の後: what was reported is 進達済 from the day on which it was handed over, until it is sent back; what has not been reported yet,
-- and until when it must be.

-- Results of what the city reported by itself (職権): by its number (unless they name the 基礎年金番号 of somebody else: after a restore
-- the number of an approval may be given again), or, when they name none and no intake has them, by person, 届書, 事由 and day.
create view pension.shokken_kekka as
with reported as (
    select distinct on (uketsuke_no) uketsuke_no, atena_no, todoke_code, jiyu_code, gaitou_on, kiso_nenkin_no
    from pension.shintatsu_kiroku where idou_approval_id is not null
    order by uketsuke_no, approval_id desc
)
select o.uketsuke_no, k.kikou_kekka_id, k.kekka_code, f.business_on, f.seq, k.line,
    (k.jiyu_code is null or k.jiyu_code = o.jiyu_code) and (k.gaitou_on is null or k.gaitou_on = o.gaitou_on) as same
from reported as o
join pension.kikou_kekka as k using (uketsuke_no)
join ledger.file as f using (file_id)
where k.superseded_at is null and coalesce(k.kiso_nenkin_no = o.kiso_nenkin_no, true)
union all
select o.uketsuke_no, k.kikou_kekka_id, k.kekka_code, f.business_on, f.seq, k.line, true
from reported as o
join pension.totsugo as t on t.atena_no = o.atena_no and t.uketsuke_no is null and t.superseded_at is null
join pension.kikou_kekka as k on k.kikou_kekka_id = t.kikou_kekka_id and k.todoke_code = o.todoke_code
    and k.jiyu_code = o.jiyu_code and k.gaitou_on = o.gaitou_on
join ledger.file as f using (file_id)
where k.superseded_at is null and k.uketsuke_no is null;
comment on view pension.shokken_kekka is '職権で報告した喪失の処理結果';

-- decides: how often each 受付番号 was reported, and when it was sent back after each
-- A 返戻 is of the last report before it; of one of the same day only if it was the first. The city may know it before the list
-- comes: by a revision that says 返戻, of that day or later, or taken in when the 引渡し was registered already. A medium that
-- 日本年金機構 did not take reported nothing. As of a day: those handed over by then, the last of which has no next one by then.
create view pension.shintatsu_okuri as
with report as materialized (
    -- without the words of the state: what reads this has hundreds of thousands of records, and must know how many there are
    select o.approval_id, h.handed_on, h.recorded_at as handed_at
    from ledger.shintatsu_koui as m
    join ledger.output as o using (output_id)
    join ledger.hikiwatashi as h using (output_id)
    where m.act = 'make' and not exists (
        select from ledger.shintatsu_koui as x where x.shintatsu_id = m.shintatsu_id and x.act in ('refuse', 'cancel')
    )
),
sent as (
    select k.approval_id, k.place, k.uketsuke_no, k.uketsuke_id, k.idou_approval_id, u.rev, r.handed_on, r.handed_at,
        row_number() over w as nth, lead(r.handed_on) over w as next_on, lead(u.rev) over w as next_rev,
        lead(r.handed_on) over w is null as is_last
    from pension.shintatsu_kiroku as k
    join report as r using (approval_id)
    left join pension.uketsuke as u on u.uketsuke_id = k.uketsuke_id
    window w as (partition by k.uketsuke_no order by r.handed_on, k.approval_id)
),
back as (
    select t.uketsuke_no, f.business_on
    from pension.totsugo as t
    join pension.kikou_kekka as k using (kikou_kekka_id)
    join ledger.file as f using (file_id)
    where t.superseded_at is null and t.outcome = 'returned' and t.uketsuke_no is not null
    union all
    select x.uketsuke_no, x.business_on from pension.shokken_kekka as x where x.kekka_code = '05'
),
known as (
    select s.approval_id, s.place, cast(null as date) as business_on, s.is_last, s.uketsuke_no, s.uketsuke_id,
        s.idou_approval_id, s.rev, s.handed_on, s.nth, s.next_on
    from sent as s
    union all
    select s.approval_id, s.place, b.business_on, s.is_last, s.uketsuke_no, s.uketsuke_id,
        s.idou_approval_id, s.rev, s.handed_on, s.nth, s.next_on
    from sent as s join back as b on b.uketsuke_no = s.uketsuke_no
        and (b.business_on > s.handed_on or (s.nth = 1 and b.business_on = s.handed_on))
        and (s.next_on is null or b.business_on <= s.next_on)
    union all
    select s.approval_id, s.place, f.business_on, s.is_last, s.uketsuke_no, s.uketsuke_id,
        s.idou_approval_id, s.rev, s.handed_on, s.nth, s.next_on
    from sent as s
    join pension.uketsuke as x on x.uketsuke_no = s.uketsuke_no and x.superseded_at is null and x.jotai_code = '5'
        and x.rev > s.rev and (s.next_rev is null or x.rev <= s.next_rev)
    join ledger.file as f on f.file_id = x.file_id and (f.business_on >= s.handed_on or f.received_at > s.handed_at)
),
-- is_last and returned are kept as words of their own: of "is null" the planner would expect one row of two hundred
told as materialized (
    select k.approval_id, k.place, k.uketsuke_no, k.uketsuke_id, k.idou_approval_id, k.rev, k.handed_on, k.nth, k.next_on,
        min(k.business_on) as returned_on, k.is_last, min(k.business_on) is not null as returned
    from known as k
    group by k.approval_id, k.place, k.uketsuke_no, k.uketsuke_id, k.idou_approval_id, k.rev, k.handed_on, k.nth, k.next_on,
        k.is_last
)
select t.approval_id, t.place, t.uketsuke_no, t.uketsuke_id, t.idou_approval_id, t.rev, t.handed_on, t.nth, t.next_on,
    t.returned_on, t.is_last, t.returned
from told as t;
comment on view pension.shintatsu_okuri is '受付番号ごとの進達と、その後の返戻';

-- 進達済 by our own report: with 日本年金機構, and not sent back.
create view pension.shintatsu_zumi as
select s.uketsuke_no, s.uketsuke_id, s.idou_approval_id, s.handed_on
from pension.shintatsu_okuri as s
where s.is_last and not s.returned;
comment on view pension.shintatsu_zumi is '進達済（返戻されていないもの）';

-- What was reported is not the city's any more: neither is its income asked for, nor its form printed.
create or replace view pension.uketsuke_open as
select * from pension.uketsuke_ima as u
where u.kakunin_flag and u.jotai_code in ('1', '2', '5')
    and not exists (select from pension.shintatsu_zumi as z where z.uketsuke_no = u.uketsuke_no);

-- The outcome of each intake that takes part, by what was known of lists, intakes and reports of days up to this one: that of its
-- first result; after a 返戻 that of what followed it. Without a result it is waiting from the day on which its report was handed
-- over, unless it was sent back since, and overdue after the days of 結果超過. What was reported otherwise (on paper) says 進達済 (or,
-- later still, 結果登録済) itself: then from the first day that said so since it last lay with the city (since the 返戻). Else it is not
-- sent.
-- decides: the outcome of an intake: not sent, waiting, overdue, or that of its result
create or replace function pension.uketsuke_outcome(p_on date)
returns table (uketsuke_no text, uketsuke_id bigint, outcome text, items text[], kikou_kekka_id bigint, shintatsu_on date)
language sql stable as $$
    with newest as (
        -- the newest revision in one pass: its number, id, whether it takes part and is sent (arrays compare item by item)
        select u.uketsuke_no, min(f.business_on) filter (where u.jotai_code in ('4', '6')) as sent_on,
            min(u.rev) filter (where u.jotai_code in ('4', '6'))
                < max(u.rev) filter (where u.jotai_code not in ('4', '6')) as came_back,
            max(array[
                u.rev, u.uketsuke_id, (u.kakunin_flag and u.jotai_code <> '3')::integer, (u.jotai_code in ('4', '6'))::integer
            ]) as last
        from pension.uketsuke as u join ledger.file as f using (file_id)
        where u.superseded_at is null and f.business_on <= p_on
        group by u.uketsuke_no
    ),
    -- hardly any is sent on twice: only these are looked at revision by revision
    sent_again as (
        select n.uketsuke_no, min(f.business_on) as sent_on
        from newest as n
        join pension.uketsuke as u on u.uketsuke_no = n.uketsuke_no and u.superseded_at is null and u.jotai_code in ('4', '6')
        join ledger.file as f on f.file_id = u.file_id and f.business_on <= p_on
        where n.came_back and n.last[4] = 1 and u.rev > (
            select max(x.rev) from pension.uketsuke as x join ledger.file as g using (file_id)
            where x.uketsuke_no = n.uketsuke_no and x.superseded_at is null and x.jotai_code not in ('4', '6')
                and g.business_on <= p_on
        )
        group by n.uketsuke_no
    ),
    result as (
        select distinct on (t.uketsuke_no) t.uketsuke_no, t.kikou_kekka_id, t.outcome, t.items, f.business_on
        from pension.totsugo as t
        join pension.kikou_kekka as k using (kikou_kekka_id)
        join ledger.file as f using (file_id)
        where t.superseded_at is null and t.uketsuke_no is not null and t.is_first and f.business_on <= p_on
        order by t.uketsuke_no, f.business_on desc, f.seq desc, k.line desc
    ),
    after_return as (
        select r.uketsuke_no, true as resubmitted, min(f.business_on) filter (where x.jotai_code in ('4', '6')) as sent_on
        from result as r
        join pension.uketsuke as x on x.uketsuke_no = r.uketsuke_no and x.superseded_at is null
        join ledger.file as f on f.file_id = x.file_id and f.business_on > r.business_on and f.business_on <= p_on
        where r.outcome = 'returned'
        group by r.uketsuke_no
    ),
    own as (
        select s.uketsuke_no, s.handed_on from pension.shintatsu_okuri as s
        where s.uketsuke_id is not null and s.handed_on <= p_on and coalesce(s.next_on > p_on, true)
            and coalesce(s.returned_on > p_on, true)
    ),
    intake as (
        select n.uketsuke_no, n.last[2] as uketsuke_id, r.outcome as told, r.items,
            r.kikou_kekka_id, a.resubmitted or (r.outcome = 'returned' and o.handed_on is not null) as resubmitted,
            coalesce(o.handed_on, case
                when n.last[4] = 0 then null
                when r.outcome = 'returned' then case when a.sent_on is not null then greatest(a.sent_on, g.sent_on) end
                else coalesce(g.sent_on, n.sent_on)
            end) as shintatsu_on
        from newest as n
        left join sent_again as g on g.uketsuke_no = n.uketsuke_no
        left join result as r on r.uketsuke_no = n.uketsuke_no
        left join after_return as a on a.uketsuke_no = n.uketsuke_no
        left join own as o on o.uketsuke_no = n.uketsuke_no
        where n.last[3] > 0  -- a third of the rows, for the planner; = 1 would be one of two hundred
    )
    select uketsuke_no, uketsuke_id,
        case
            when told is not null and resubmitted is not true then told
            when shintatsu_on is null then 'not_sent'
            when p_on - shintatsu_on > (select pension.kijitsu_on('kekka_choka', p_on)) then 'overdue'
            else 'waiting'
        end,
        case when told is null or resubmitted then '{}' else items end, kikou_kekka_id, shintatsu_on
    from intake
$$;
comment on function pension.uketsuke_outcome is '受付ごとの突合結果（その日現在）';

-- decides: the outcome of a loss that the city reported by itself: waiting, overdue, returned, or that of its result
create function pension.shokken_outcome(p_on date)
returns table (uketsuke_no text, idou_approval_id bigint, outcome text, kikou_kekka_id bigint, shintatsu_on date)
language sql stable as $$
    select s.uketsuke_no, s.idou_approval_id,
        case
            when r.kekka_code <> '05' and r.same and r.kekka_code <> '06' then 'matched'
            when r.kekka_code <> '05' then 'differs'
            when s.returned_on <= p_on then 'returned'
            when p_on - s.handed_on > (select pension.kijitsu_on('kekka_choka', p_on)) then 'overdue'
            else 'waiting'
        end,
        r.kikou_kekka_id, s.handed_on
    from pension.shintatsu_okuri as s
    left join lateral (
        select x.kikou_kekka_id, coalesce(x.kekka_code, '') as kekka_code, x.same
        from pension.shokken_kekka as x
        where x.uketsuke_no = s.uketsuke_no and x.business_on <= p_on
        order by x.business_on desc, x.seq desc, x.line desc limit 1
    ) as r on true
    where s.idou_approval_id is not null and s.handed_on <= p_on and coalesce(s.next_on > p_on, true)
$$;
comment on function pension.shokken_outcome is '職権で報告した喪失の結果（その日現在）';

-- decides: which intakes and which approved losses are to be reported to 日本年金機構
-- Of an intake the newest revision, confirmed by another person and still with the city, that no result has settled. What was
-- reported goes again only as a later revision after the 返戻 of its last report. Of losses those that the city reports by itself
-- (職権), which stand in the register as they were approved last, about whom nobody filed and which no result has confirmed; again
-- only after a 返戻.
create view pension.shintatsu_kouho as
with back as (
    select s.uketsuke_no, s.rev, s.returned_on + pension.kijitsu_on('shintatsu', s.returned_on) as due_on
    from pension.shintatsu_okuri as s
    where s.is_last and s.returned
)
select
    u.uketsuke_no, u.uketsuke_id, cast(null as bigint) as idou_approval_id, p.jimusho_code, u.uketsuke_ku_code as ku_code,
    u.todoke_code, u.juri_on, u.atena_no, u.kojin_id, u.kiso_nenkin_no, u.name_kana, u.birth_on, u.sex_code, u.gaitou_on,
    u.jiyu_code, u.shubetsu_code, u.menjo_code, u.menjo_year, u.menjo_from_month, u.menjo_to_month, u.keizoku_flag,
    u.shitsugyo_flag, u.gakko_name, u.nenkin_code, u.shousho_no, u.seikyusha_name, u.seikyusha_zokugara, u.shibou_on,
    u.shoshin_on, u.shindansho_flag, u.new_name, u.new_name_kana, u.rev, b.rev is not null as again,
    greatest(u.juri_on + pension.kijitsu_on('shintatsu', u.juri_on), b.due_on) as due_on
from pension.uketsuke_open as u
join pension.shintatsu_saki as p using (uketsuke_ku_code)
left join back as b using (uketsuke_no)
where (b.rev is null or u.rev > b.rev)
    and not exists (
        select from pension.shintatsu_nashi as n where n.todoke_code = u.todoke_code and n.jiyu_code = u.jiyu_code
    )
    and u.uketsuke_no not in (select o.uketsuke_no from pension.shintatsu_okutta as o where o.state = 'made')
    and not exists (
        select from pension.totsugo as t
        where t.uketsuke_no = u.uketsuke_no and t.superseded_at is null and t.is_first and t.outcome in ('matched', 'differs')
    )
union all
select
    n.no, null, i.approval_id, p.jimusho_code, a.ku_code, k.todoke_code, t.juri_on,
    i.atena_no, a.kojin_id, q.kiso_nenkin_no, a.name_kana, a.birth_on, a.sex_code, q.lost_on, q.soushitsu_jiyu_code, null, null,
    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, 0, b.uketsuke_no is not null,
    greatest(t.juri_on + pension.kijitsu_on('shintatsu', t.juri_on), b.due_on)
from pension.idou_proposal as i
cross join lateral (select '9' || lpad(i.approval_id::text, 14, '0')) as n (no)
join ledger.approval as d on d.approval_id = i.approval_id and d.decision = 'approved'
cross join lateral (select cast(d.decided_at at time zone 'Asia/Tokyo' as date)) as t (juri_on)
join pension.shintatsu_shokken as k on k.jiyu_code = i.soushitsu_jiyu_code
join pension.shikaku as q on q.row_key = i.shikaku_key and q.superseded_at is null and q.lost_on = i.lost_on
    and q.soushitsu_jiyu_code = i.soushitsu_jiyu_code
join pension.atena_ima as a on a.atena_no = i.atena_no
join pension.shintatsu_saki as p on p.uketsuke_ku_code = a.ku_code
left join back as b on b.uketsuke_no = n.no
where not exists (select from pension.shintatsu_zumi as z where z.uketsuke_no = n.no)
    and n.no not in (select o.uketsuke_no from pension.shintatsu_okutta as o where o.state = 'made')
    and not exists (
        select from pension.idou_proposal as x join ledger.approval as y using (approval_id)
        where x.shikaku_key = i.shikaku_key and y.decision = 'approved' and y.decided_at > d.decided_at
    )
    and not exists (
        select from pension.uketsuke_standing as u
        where u.atena_no = i.atena_no and u.todoke_code = k.todoke_code and u.jiyu_code = k.jiyu_code
            and (u.gaitou_on is null or u.gaitou_on = q.lost_on)
    )
    and not exists (
        select from pension.totsugo as t join pension.kikou_kekka as r using (kikou_kekka_id)
        where t.superseded_at is null and t.atena_no = i.atena_no and r.superseded_at is null and r.todoke_code = k.todoke_code
            and r.jiyu_code = k.jiyu_code and (r.gaitou_on is null or r.gaitou_on = q.lost_on) and r.kekka_code in ('01', '02')
    );
comment on view pension.shintatsu_kouho is '進達の候補（受付の最新の改訂、職権で報告する喪失）';

-- decides: what must be reported by a day and has not been, until when, and whether its report is under way
-- Whoever has not been confirmed by another person must be, too: the 14 days run from 受理, and again from a 返戻.
create function pension.shintatsu_mada(p_on date)
returns table (
    uketsuke_no text, uketsuke_id bigint, todoke_code text, juri_on date, due_on date, jimusho_code text, uketsuke_ku_code text,
    atena_no text, name_kana text, nyuryoku_user text, kakunin_user text, stage text, state text
)
language sql stable as $$
    with under_way as (  -- what was fixed and has not gone
        select k.uketsuke_no, k.uketsuke_id, k.idou_approval_id, k.atena_no, k.todoke_code, k.juri_on, k.due_on, k.ku_code,
            k.name_kana, i.jimusho_code, i.state
        from pension.shintatsu_kiroku as k join ledger.shintatsu_ima as i using (approval_id)
        where i.state in ('frozen', 'approved', 'made')
    ),
    back as (
        select s.uketsuke_no, s.returned_on + pension.kijitsu_on('shintatsu', s.returned_on) as due_on
        from pension.shintatsu_okuri as s
        where s.is_last and s.returned_on <= p_on
    ),
    unsent as (
        select u.uketsuke_no, u.uketsuke_id, u.todoke_code, u.juri_on,
            greatest(u.juri_on + pension.kijitsu_on('shintatsu', u.juri_on), b.due_on) as due_on, p.jimusho_code,
            u.uketsuke_ku_code, u.atena_no, u.name_kana, u.nyuryoku_user, u.kakunin_user,
            case
                when not u.kakunin_flag then 'unconfirmed' when o.outcome = 'returned' or u.jotai_code = '5' then 'returned'
                when u.jotai_code = '2' then 'examined' else 'accepted'
            end as stage
        from pension.uketsuke_ima as u
        join pension.shintatsu_saki as p using (uketsuke_ku_code)
        join ledger.file as f using (file_id)
        left join pension.uketsuke_outcome(p_on) as o on o.uketsuke_id = u.uketsuke_id
        left join back as b on b.uketsuke_no = u.uketsuke_no
        where f.business_on <= p_on and u.jotai_code not in ('3', '4', '6')
            and coalesce(o.outcome, 'not_sent') in ('not_sent', 'returned')  -- a 未確認 has none
            and not exists (
                select from pension.shintatsu_nashi as n where n.todoke_code = u.todoke_code and n.jiyu_code = u.jiyu_code
            )
        union all
        select c.uketsuke_no, null, c.todoke_code, c.juri_on, c.due_on, c.jimusho_code, c.ku_code, c.atena_no, c.name_kana,
            null, null, case when c.again then 'returned' else 'own' end
        from pension.shintatsu_kouho as c
        where c.idou_approval_id is not null and c.juri_on <= p_on
        union all
        select w.uketsuke_no, null, w.todoke_code, w.juri_on, w.due_on, w.jimusho_code, w.ku_code, w.atena_no, w.name_kana,
            null, null, 'own'
        from under_way as w
        where w.idou_approval_id is not null and w.state = 'made' and w.juri_on <= p_on
    )
    select u.uketsuke_no, u.uketsuke_id, u.todoke_code, u.juri_on, u.due_on, u.jimusho_code, u.uketsuke_ku_code, u.atena_no,
        u.name_kana, u.nyuryoku_user, u.kakunin_user, u.stage, w.state
    from unsent as u left join under_way as w using (uketsuke_no)
$$;
comment on function pension.shintatsu_mada is 'まだ進達していないものと期限（その日現在）';

-- decides: what became of each record of a report by a day
-- That of its intake or loss, if it is the last report of it; else it was sent back.
create function pension.shintatsu_kekka(p_on date)
returns table (approval_id bigint, place integer, uketsuke_no text, handed_on date, outcome text)
language sql stable as $$
    select s.approval_id, s.place, s.uketsuke_no, s.handed_on,
        case
            when s.next_on <= p_on or s.returned_on <= p_on then 'returned'
            else coalesce(o.outcome, x.outcome, 'waiting')
        end
    from pension.shintatsu_okuri as s
    left join pension.uketsuke_outcome(p_on) as o on o.uketsuke_no = s.uketsuke_no
    left join pension.shokken_outcome(p_on) as x on x.uketsuke_no = s.uketsuke_no
    where s.handed_on <= p_on
$$;
comment on function pension.shintatsu_kekka is '進達の記録ごとの結果（その日現在）';
