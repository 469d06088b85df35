-- what:   個人番号 of results that nobody held has: one vault row without a person, until the 宛名 comes
-- basis:  spec 1; spec 2 (vault); decisions, Scope (住基照会 03 by 個人番号)
-- grain:  one number
-- params: key_id (names: staged)
insert into vault.kojin_no (atena_no, hmac, cipher, key_id)
select distinct on (s.kojin_hmac) null, s.kojin_hmac, s.kojin_cipher, :key_id
from {staged} as s
where s.kojin_hmac is not null and not exists (select 1 from vault.kojin_no as k where k.hmac = s.kojin_hmac)
order by s.kojin_hmac, s.line
on conflict do nothing
