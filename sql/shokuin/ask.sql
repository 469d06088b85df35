-- what:   an entry of the register is asked for
-- basis:  P50, P51 (申請)
-- grain:  one entry of the register
-- params: by, user_name, os_user, of_unit, yakuwari, sees_numbers, from_on, until_on, order_no, totp, reason, unit, terminal
select shokuin.ask(
    :by, :user_name, :os_user, :of_unit, cast(:yakuwari as text[]), :sees_numbers, :from_on, :until_on, :order_no, :totp, :reason,
    :unit, :terminal
)
