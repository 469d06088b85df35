-- what:   which content of these places is in the archive
-- basis:  spec 9
-- grain:  place x content
-- params: origins
select origin, sha256, max(object_id) as object_id from ledger.object
where origin = any(cast(:origins as text[])) and class = 'B'
group by origin, sha256
