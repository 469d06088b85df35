-- what:   results put before a second person: 登録 of what may be registered, 確認 of a candidate of the last pass
-- basis:  decisions, Registering a result (what was found, not held, the first only; and 取消)
-- grain:  one result
-- params: run_id, user_name, days
with put as (
    select
        nextval('ledger.approval_approval_id_seq') as approval_id, c.kikou_kekka_id, c.content_hash, s.candidate_no,
        k.todoke_code || ' ' || coalesce(k.kekka_code, '') || ' ' || s.outcome || '　' || f.name || ' 行' || k.line as subject
    from pension.totsugo as s
    join pension.kekka_content as c using (kikou_kekka_id)
    join pension.kikou_kekka as k using (kikou_kekka_id)
    join ledger.file as f using (file_id)
    where s.superseded_at is null
        and (s.candidate_no is not null or (
            s.hold_reason is null and s.atena_no is not null and (
                (s.is_first and s.outcome in ('matched', 'differs', 'expected_without_intake', 'returned'))
                or (k.kekka_code = '06' and s.outcome = 'differs')
            )
        ))
        and not exists (
            select 1 from pension.kekka_touroku as t join ledger.approval as a using (approval_id)
            where t.kikou_kekka_id = s.kikou_kekka_id
                and (a.decision is null or (t.action = 'register' and a.decision in ('approved', 'rejected')))
        )
    order by f.business_on, f.seq, k.line
),
approval as (
    insert into ledger.approval (approval_id, kind, run_id, subject, content_hash, maker, expires_at)
    overriding system value
    select approval_id, 'kikou_kekka', cast(:run_id as uuid), subject, content_hash, :user_name,
        now() + make_interval(days => :days) from put
)
insert into pension.kekka_touroku (approval_id, kikou_kekka_id, action, candidate_no)
select approval_id, kikou_kekka_id, case when candidate_no is null then 'register' else 'confirm' end, candidate_no from put
