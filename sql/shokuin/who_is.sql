-- what:   who in the register this user of the operating system is
-- basis:  P56, P57 (identity is proved)
-- grain:  one name, or nothing
-- params: os_user
select shokuin.who_is(:os_user)
