-- what:   which of these hashes are those of events of the chain
-- basis:  decisions, Backup and restore; F30
-- grain:  one hash
-- params: hashes
select encode(hash, 'hex') as hash from audit.event where encode(hash, 'hex') = any(cast(:hashes as text[]))
