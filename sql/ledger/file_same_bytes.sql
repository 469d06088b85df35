-- what:   the accepted file with the same bytes (重複受信); an empty CSV has no bytes of its own, so there the number decides
-- basis:  F14
-- grain:  at most one file
-- params: dataset, sha256, business_on, seq, version
select file_id, name from ledger.file
where dataset = :dataset and sha256 = :sha256 and outcome = 'accepted'
    and (
        data_count > 0
        or (business_on = :business_on and coalesce(seq, 0) = coalesce(cast(:seq as integer), 0) and version = :version)
    )
order by file_id limit 1
