-- what:   checks that had no 宛名 to look at and would have one now: they end, the next statement makes them anew
-- basis:  評価書 Ⅱ-3 (突合1)
-- grain:  one check
-- params: none
update pension.uketsuke_check as c set superseded_at = now()
from pension.uketsuke_ima as u
where u.uketsuke_id = c.uketsuke_id and c.superseded_at is null and '宛名なし' = any(c.findings)
    and exists (select 1 from pension.atena as a where a.atena_no = u.atena_no and a.superseded_at is null and not a.sakujo_flag)
