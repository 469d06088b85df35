-- what:   個人番号 of the rows that enter: one vault row per person and number
-- basis:  spec 2 (vault)
-- grain:  one person and number
-- params: key_id (names: staged)
insert into vault.kojin_no (atena_no, hmac, cipher, key_id)
select distinct on (s.atena_no, s.kojin_hmac) s.atena_no, s.kojin_hmac, s.kojin_cipher, :key_id
from {staged} as s
left join verdict as v using (line)
where s.kojin_hmac is not null and (v.verdict is null or v.verdict in ('insert', 'supersede'))
order by s.atena_no, s.kojin_hmac, s.line
on conflict (atena_no, hmac) do nothing
