-- what:   a password or a second factor is set; whoever was logged in is out
-- basis:  P56, P57
-- grain:  one person
-- params: by, user_name, password_hash, totp_cipher, key_id, reason, unit, terminal
select shokuin.set_kakunin(:by, :user_name, :password_hash, :totp_cipher, :key_id, :reason, :unit, :terminal)
