-- what:   受付処理簿: the intakes accepted in a period, each by its newest revision, with the check of 突合1
-- basis:  国民年金市町村事務処理基準 (受付処理簿); 国民年金法施行規則第9条 (due_on)
-- grain:  one 受付番号
-- params: first_on, last_on
with registered as (  -- whose result another person approved
    select t.uketsuke_no
    from pension.totsugo as t
    join pension.kekka_touroku as k on k.kikou_kekka_id = t.kikou_kekka_id and k.action = 'register'
    join ledger.approval as a on a.approval_id = k.approval_id and a.decision = 'approved'
    where t.superseded_at is null and t.is_first and t.outcome in ('matched', 'differs') and t.uketsuke_no is not null
)
select u.uketsuke_no, u.todoke_code, u.juri_on, u.juri_on + pension.kijitsu_on('shintatsu', u.juri_on) as due_on,
    u.uketsuke_ku_code, u.atena_no, u.name_kana, u.honnin_kakunin_code, case when u.shindansho_flag then '診断書' end as attached,
    u.nyuryoku_user, u.kakunin_user,
    case
        when u.jotai_code = '3' then '取下げ'
        when u.jotai_code = '6' or u.uketsuke_no in (select r.uketsuke_no from registered as r) then '結果登録済'
        when s.handed_on is null and u.jotai_code = '1' then '受付'
        when s.handed_on is null and u.jotai_code = '2' then '審査中' when u.jotai_code = '5' or s.returned_on is not null then '返戻'
        else '進達済'
    end || case when u.kakunin_flag then '' else '（未確認）' end as jotai_label, s.handed_on as reported_on,
    array_to_string(c.missing, E'\n') as missing_label, array_to_string(c.findings, E'\n') as findings_label
from pension.uketsuke_ima as u
left join pension.uketsuke_check as c on c.uketsuke_id = u.uketsuke_id and c.superseded_at is null
left join pension.shintatsu_okuri as s on s.uketsuke_no = u.uketsuke_no and s.is_last
where u.juri_on between :first_on and :last_on
order by u.juri_on, u.uketsuke_no
