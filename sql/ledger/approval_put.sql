-- what:   a thing that needs a second person
-- basis:  P53; spec 10 (maker, checker, content hash)
-- grain:  one approval
-- params: kind, run_id, subject, content_hash, maker, days
insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)
values (:kind, cast(:run_id as uuid), :subject, :content_hash, :maker, now() + make_interval(days => :days))
returning approval_id
