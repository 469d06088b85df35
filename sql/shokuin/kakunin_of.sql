-- what:   what somebody has to prove himself by
-- basis:  P56, P57
-- grain:  one person, in force today
-- params: user_name
select password_hash, totp_cipher, key_id, totp, user_name from shokuin.kakunin_of(:user_name)
