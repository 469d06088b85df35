-- what:   the receipt of a step (counts and names of files only); a repeated step replaces its own
-- basis:  architecture, One record's way (what crosses a task boundary is a receipt, never a row)
-- grain:  run x step
-- params: run_id, step, content
insert into ledger.receipt (run_id, step, content) values (cast(:run_id as uuid), :step, cast(:content as jsonb))
on conflict (run_id, step) do update set content = excluded.content, recorded_at = now()
