-- what:   holds, whom or what they keep (a person is not named), and whether their review is overdue: those that stand, or one
-- basis:  spec 9 (保全)
-- grain:  one hold
-- params: hold_id (empty: all that stand), today
select h.hold_id, h.kind, h.object_id, h.atena_no is not null as of_person, h.first_on, h.last_on, h.reason, h.review_on,
    h.set_at,
    h.released_at, w.user_name as set_by, h.review_on < :today as overdue,
    (select count(distinct k.object_id) from ledger.object_held as k where k.hold_id = h.hold_id) as objects
from ledger.hold as h join ledger.run as w using (run_id)
where case when cast(:hold_id as bigint) is null then h.released_at is null else h.hold_id = :hold_id end
order by h.hold_id
