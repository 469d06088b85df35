-- what:   what is on the media now (of one medium, or of all)
-- basis:  P39; P40
-- grain:  one archive on one medium
-- params: number
select n.event_id, n.number, n.medium_no, n.written_on, n.verified_at is not null as verified, n.recipient, n.archive_name,
    n.archive_sha256, n.key_name, n.handed_on, n.receiver, n.receipt_no, n.given, o.name
from ledger.baitai_noru as n
join ledger.output as o using (output_id)
where n.number = coalesce(:number, n.number)
order by n.event_id
