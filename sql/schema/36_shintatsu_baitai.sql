-- 進達の媒体: a 媒体通番 is given to what was approved and never goes back; what became of each number stands in one ledger.

-- After the last of its office come 499 numbers, half a round: what is further ahead was given before.
create function ledger.shintatsu_bango_tsugi() returns trigger language plpgsql as $$
declare
    v_last smallint;
begin
    if not exists (
        select from ledger.shintatsu_ima as i
        where i.approval_id = new.approval_id and i.shintatsu_id = new.shintatsu_id and i.jimusho_code = new.jimusho_code
            and i.state = 'approved'
    ) then
        raise exception 'not what was approved' using errcode = 'KN091';
    end if;
    select b.baitai_no into v_last from ledger.shintatsu_bango as b
    where b.jimusho_code = new.jimusho_code order by b.given_at desc, b.approval_id desc limit 1;
    if (new.baitai_no - v_last + 998) % 999 >= 499 then
        raise exception 'given before' using errcode = 'KN092';
    end if;
    return new;
end $$;
comment on function ledger.shintatsu_bango_tsugi is '媒体通番は、承認された確定に付け、前に戻らない';
create trigger tsugi before insert on ledger.shintatsu_bango
for each row execute function ledger.shintatsu_bango_tsugi();

-- What was given up, or what 日本年金機構 did not take, is reported again: its medium is neither written nor handed over any more. The
-- report stays as it is until that is done.
create function ledger.shintatsu_media_ok() returns trigger
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    v_output_id bigint;
    v_shintatsu_id bigint;
begin
    if tg_table_name = 'hikiwatashi' then
        v_output_id := new.output_id;
    else
        select m.output_id into v_output_id from medium as m where m.medium_no = new.medium_no;
    end if;
    select k.shintatsu_id into v_shintatsu_id from shintatsu_koui as k where k.act = 'make' and k.output_id = v_output_id;
    if v_shintatsu_id is not null then
        perform from shintatsu as s where s.shintatsu_id = v_shintatsu_id for update;
        if exists (
            select from shintatsu_ima as i where i.shintatsu_id = v_shintatsu_id and i.state in ('cancelled', 'refused')
        ) then
            raise exception 'reported again' using errcode = 'KN093';
        end if;
    end if;
    return new;
end $$;
comment on function ledger.shintatsu_media_ok is '取り止めた進達の媒体は、書かず、渡さない';
create trigger shintatsu_media_ok before insert on ledger.hikiwatashi
for each row execute function ledger.shintatsu_media_ok();
create trigger shintatsu_media_ok before insert on ledger.baitai_kakikomi
for each row execute function ledger.shintatsu_media_ok();

-- decides: what became of each 媒体通番: its medium is being made, lies here, went out (未確認), was received or refused, was
-- given up; or there is none of this number (欠番)
create view ledger.shintatsu_baitai as
select
    b.shintatsu_id, b.approval_id, b.jimusho_code, b.baitai_no, b.given_at, f.done_on as frozen_on,
    case when i.approval_id is null then 'none' when i.state = 'approved' then 'making' else i.state end as state,
    o.output_id, o.name, o.rows, o.sha256, o.created_on, o.released_at as made_at, r.user_name as made_by, a.maker, a.checker,
    m.medium_no, m.archive_name, m.archive_sha256, d.mark, k.written_on, k.verified_at, h.handed_on, h.recorded_at as handed_at,
    g.user_name as handed_by, h.receiver, h.receipt_no, i.received_on, i.received_no
from ledger.shintatsu_bango as b
join ledger.approval as a using (approval_id)
join ledger.shintatsu_koui as f on f.act = 'freeze' and f.approval_id = b.approval_id
left join ledger.shintatsu_ima as i on i.shintatsu_id = b.shintatsu_id and i.approval_id = b.approval_id
    and (i.output_id is not null or i.state = 'approved')
left join ledger.output as o on o.output_id = i.output_id
left join ledger.run as r on r.run_id = o.run_id
left join ledger.medium as m on m.output_id = o.output_id
left join lateral (
    select w.number, w.written_on, w.verified_at from ledger.baitai_kakikomi as w
    where w.medium_no = m.medium_no order by w.verified_at is null, w.event_id desc limit 1
) as k on true
left join ledger.daichou_ima as d on d.register = 'baitai' and d.number = k.number
left join ledger.hikiwatashi as h on h.output_id = o.output_id
left join ledger.run as g on g.run_id = h.run_id;
comment on view ledger.shintatsu_baitai is '進達の媒体の台帳（媒体通番ごと）';
