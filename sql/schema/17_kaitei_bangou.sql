-- 改訂番号: the newest revision is found by comparing its number as it is. Packed into one integer with others, 524,288 wrapped.

-- The outcome of each intake that takes part, by what was known of lists and intakes of days up to this one: that of its first
-- result; after a 返戻 that of what followed it. Without a result it is not sent as long as its newest revision does not say 進達済
-- (or, later still, 結果登録済); then waiting from the first day that said so since it last lay with the city (since the 返戻), and
-- overdue after the days of 結果超過.
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
        select t.uketsuke_no, t.kikou_kekka_id, t.outcome, t.items, f.business_on,
            row_number() over (partition by t.uketsuke_no order by f.business_on desc, f.seq desc, k.line desc) as nth
        from pension.totsugo as t
        join pension.kikou_kekka as k using (kikou_kekka_id)
        join ledger.file as f using (file_id)
        where t.superseded_at is null and t.uketsuke_no is not null and t.is_first and f.business_on <= p_on
    ),
    after_return as (
        select r.uketsuke_no, true as resubmitted, min(f.business_on) filter (where x.jotai_code in ('4', '6')) as sent_on
        from result as r
        join pension.uketsuke as x on x.uketsuke_no = r.uketsuke_no and x.superseded_at is null
        join ledger.file as f on f.file_id = x.file_id and f.business_on > r.business_on and f.business_on <= p_on
        where r.nth = 1 and r.outcome = 'returned'
        group by r.uketsuke_no
    ),
    intake as (
        select n.uketsuke_no, n.last[2] as uketsuke_id, r.outcome as told, r.items,
            r.kikou_kekka_id, a.resubmitted, case
                when n.last[4] = 0 then null
                when r.outcome = 'returned' then case when a.sent_on is not null then greatest(a.sent_on, g.sent_on) end
                else coalesce(g.sent_on, n.sent_on)
            end as shintatsu_on
        from newest as n
        left join sent_again as g on g.uketsuke_no = n.uketsuke_no
        left join result as r on r.uketsuke_no = n.uketsuke_no and r.nth = 1
        left join after_return as a on a.uketsuke_no = n.uketsuke_no
        where n.last[3] = 1
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
