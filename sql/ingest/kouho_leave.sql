-- what:   取得候補 that leave the list (a 資格 came, 09 cancelled, the person left), and those that a 28 or a correction puts back
-- basis:  spec 4; decisions, 異動 -> 資格 (a 転出予定 closes nothing; 28 takes back the last 21, 22 or 23 before it)
-- grain:  one entry whose state changes
-- params: business_on
-- decides: which 取得候補 leave the list, and which come back to it
with latest as (  -- an older day that is run again sets nothing back
    select greatest(:business_on, max(business_on)) as day from ledger.file where outcome = 'accepted'
),
entry as (
    select w.worklist_id, w.atena_no, c.rireki_no, w.closed_at is null as is_open
    from pension.worklist as w
    join pension.atena as c on c.atena_id = w.atena_id
    where w.kind = '取得候補'
        and (w.closed_at is null or (w.close_reason = '異動により対象外' and c.superseded_at is null))
),
back as (  -- each 28, and the 異動事由 that it takes back
    select z.atena_no, z.rireki_no, (
        select b.idou_jiyu_code from pension.atena as b
        where b.atena_no = z.atena_no and b.superseded_at is null and not b.sakujo_flag
            and b.rireki_no < z.rireki_no and b.idou_jiyu_code in ('21', '22', '23')
        order by b.rireki_no desc limit 1
    ) as idou_jiyu_code
    from pension.atena as z
    where z.atena_no in (select atena_no from entry) and z.superseded_at is null and not z.sakujo_flag and z.idou_jiyu_code = '28'
),
state as (
    select e.worklist_id, e.atena_no, e.rireki_no, e.is_open,
        exists (
            select 1 from pension.shikaku as s where s.atena_no = e.atena_no and s.superseded_at is null and s.lost_on is null
        ) as insured,
        exists (
            select 1 from pension.atena as a
            where a.atena_no = e.atena_no and a.rireki_no > e.rireki_no and a.superseded_at is null and not a.sakujo_flag
                and (a.idou_jiyu_code in ('09', '26') or (
                    a.idou_jiyu_code in ('21', '22', '23') and a.idou_on <= (select day from latest)
                    and coalesce(a.tenshutsu_saki_kbn, '') <> '1'
                    and not exists (
                        select 1 from back as z
                        where z.atena_no = a.atena_no and z.rireki_no > a.rireki_no and z.idou_jiyu_code = a.idou_jiyu_code
                    )
                ))
        ) as gone
    from entry as e
)
update pension.worklist as w set
    closed_at = case when n.is_open then now() end,
    close_reason = case when not n.is_open then null when n.insured then '資格あり' else '異動により対象外' end
from state as n
where w.worklist_id = n.worklist_id and n.is_open = (n.insured or n.gone)
    -- of several entries of a person only the newest comes back
    and (n.is_open or not exists (select 1 from state as m where m.atena_no = n.atena_no and m.rireki_no > n.rireki_no))
