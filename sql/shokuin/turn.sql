-- what:   whoever tries a password under this name waits for the one before, until he has ended
-- basis:  P58 (wrong passwords slow down, also those that are tried at once)
-- grain:  one lock, of the connection
-- params: user_name
select shokuin.turn(:user_name)
