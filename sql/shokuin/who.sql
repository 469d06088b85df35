-- what:   whose token this is
-- basis:  P56, P57 (identity is proved)
-- grain:  one name, or nothing
-- params: token_hash
select shokuin.who(:token_hash)
