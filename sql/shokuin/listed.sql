-- what:   the register of people as it is today, with what was asked for and what has ended
-- basis:  P22, P50, P51, P61, P65, P71
-- grain:  one entry of the register
-- params: none
select
    touroku_id, user_name, person, os_user, unit, yakuwari, sees_numbers, from_on, until_on, order_no, totp, reason, asked_by,
    granted_by, ended_by, ended_on, state, contractor, expires, reviewed, overdue, proof, second
from shokuin.listed()
