-- what:   the certificate of a request is made
-- basis:  spec 9 (消去証明書)
-- grain:  one request
-- params: retirement_id
update ledger.retirement set certified_at = now()
where retirement_id = :retirement_id and certified_at is null and done_at is not null
