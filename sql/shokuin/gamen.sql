-- what:   who may log in to the pages today
-- basis:  P50, P51, P56 (the pages' users and the register are one list)
-- grain:  one person in force today who has a password
-- params: none
select user_name, yakuwari, password_hash from shokuin.gamen()
