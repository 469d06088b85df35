-- what:   the releases of a hold that nobody has decided yet
-- basis:  spec 9 (保全)
-- grain:  one approval
-- params: hold_id
select approval_id from ledger.approval
where kind = 'hozen' and decision is null and subject like '%（保全番号 ' || cast(:hold_id as text) || '）'
order by approval_id
