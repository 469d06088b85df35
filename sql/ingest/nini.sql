-- what:   任意加入 at the age at which it ends (種別 4: 65, 種別 5: 70), on the 確認リスト: 日本年金機構 decides
-- basis:  国民年金法附則第5条; 平成6年法律第95号附則第11条; 平成16年法律第104号附則第23条第3項 (who counts as having applied to go on)
-- grain:  one open 資格 and day
-- params: business_on, minashi_born
-- decides: who has reached the end of 任意加入
with reached as (
    select r.*, '年齢到達-' || r.reached_on || '-' || r.row_key as entry
    from pension.nini_toutatsu(:business_on) as r
    where r.reached_on <= :business_on
)
insert into pension.worklist (kind, atena_no, atena_id, row_key, opened_on, remark)
select '要確認', atena_no, atena_id, entry, :business_on,
    age || '歳到達（' || case shubetsu_code when '4' then '任意加入' else '特例任意加入' end || '）。喪失は日本年金機構が決定。'
    || case when shubetsu_code = '4' and birth_on <= cast(:minashi_born as date)
        then '老齢給付の受給権がなければ特例任意加入の申出をしたものとみなされる（平成16年法律第104号附則第23条第3項）。' else '' end
from reached as r
where not exists (
    select 1 from pension.worklist as w
    where w.atena_no = r.atena_no and w.kind = '要確認' and w.row_key = r.entry
        and (w.close_reason is null or w.close_reason not in ('年齢到達の対象外', '訂正による差替え'))
)
on conflict (kind, atena_id, row_key) do update set closed_at = null, close_reason = null
