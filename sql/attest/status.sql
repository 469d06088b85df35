-- what:   the house at a glance: persons held, what waits, what is quarantined, the end of the audit chain
-- basis:  decisions, Status
-- grain:  one row
-- params: today
select
    (select count(distinct atena_no) from pension.atena where superseded_at is null) as persons_held,
    (select count(*) from pension.shikaku where superseded_at is null and lost_on is null) as shikaku_open,
    (select count(*) from pension.juki_shoukai where answered_at is null) as juki_shoukai_open,
    (
        select count(*) from pension.shotoku_open as o join pension.shotoku_shoukai as q using (shoukai_no)
        where q.answered_at is null
    ) as shotoku_shoukai_open,
    (select count(*) from ledger.quarantine) as quarantined_rows,
    (select count(*) from ledger.hold where released_at is null and review_on < :today) as holds_overdue,
    (select event_id from audit.head) as audit_events,
    (select encode(hash, 'hex') from audit.head) as audit_head
