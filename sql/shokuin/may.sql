-- what:   whether somebody is in force today in one of these roles
-- basis:  P50, P51; spec 12
-- grain:  one answer
-- params: user_name, yakuwari
select coalesce(bool_or(shokuin.may(:user_name, y)), false) from unnest(cast(:yakuwari as text[])) as y
