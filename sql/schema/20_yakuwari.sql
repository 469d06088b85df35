-- 決裁と記録: a decision is made by whoever is 承認者 today, on the content that was proposed; the log-in of a purpose writes the
-- records of that purpose and no others.
drop function ledger.decide(bigint, text, text, text, uuid, text, text, text, bytea);

-- The one way to decide: once, in time, on the content as proposed, by an 承認者 in force who is neither the maker nor who started
-- the run that made it (a keyed form has two of them); its event is written with it. A withdrawal needs no second person. Whoever
-- logs in for another purpose is answered nothing, and the try is recorded.
create function ledger.decide(
    p_approval_id bigint, p_decision text, p_user text, p_reason text, p_run_id uuid, p_unit text, p_terminal text,
    p_atena_no text default null, p_shimei4 bytea default null, p_content_hash text default null
) returns bigint language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
    a ledger.approval;
    started_by text;
begin
    if p_decision in ('approved', 'rejected') and session_user <> 'kokunen_decide' then
        perform audit.append(p_run_id, p_user, p_unit, p_terminal, '決裁の権限のない接続', null, null, '拒否',
            'approval/' || p_approval_id, '{}');
        return null;
    end if;
    select * into a from ledger.approval where approval_id = p_approval_id for update;
    if a.approval_id is null or a.decision is not null or p_decision is null then
        raise exception 'decided already' using errcode = 'KN001';
    end if;
    select user_name into started_by from ledger.run where run_id = a.run_id;
    if p_decision in ('approved', 'rejected') then
        if not shokuin.may(p_user, '承認者') then
            raise exception 'no approver in force' using errcode = 'KN011';
        end if;
        if not (ledger.another(p_user, a.maker) and ledger.another(p_user, started_by)) then
            raise exception 'not another person' using errcode = 'KN002';
        end if;
        if p_content_hash is distinct from a.content_hash then
            raise exception 'not what was proposed' using errcode = 'KN005';
        end if;
    end if;
    if p_decision = 'approved' and a.expires_at < now() then
        raise exception 'its term has ended' using errcode = 'KN003';
    end if;
    update ledger.approval set decision = p_decision, decided_at = now(), reason = p_reason,
        checker = case when p_decision <> 'withdrawn' then p_user end
    where approval_id = p_approval_id;
    return audit.append(
        coalesce(p_run_id, a.run_id), p_user, p_unit, p_terminal,
        coalesce(p_reason, (select r.reason from ledger.run as r where r.run_id = coalesce(p_run_id, a.run_id)), ''),
        p_atena_no, p_shimei4,
        case p_decision when 'approved' then '承認' when 'rejected' then '否認' when 'superseded' then '失効' else '起案取下げ' end,
        'approval/' || p_approval_id,
        json_build_object('maker', a.maker, 'content_hash', a.content_hash)::text
    );
end $$;
comment on function ledger.decide is '決裁・取下げ（記録とともに一度だけ）';
revoke all on function ledger.decide from public;
