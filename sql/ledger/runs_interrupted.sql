-- what:   runs that nobody works on any more, though they did not end, are 中断: another run of the period goes on
-- basis:  spec 10; faults, F01
-- grain:  one run
-- params: none
-- decides: which runs were interrupted: not ended, no session holds their lock, and no task of theirs is still to come
with working as (  -- the locks of runs that somebody works on (``run.alive``), as one number
    select (l.classid::bigint << 32) | l.objid::bigint as key
    from pg_locks as l
    where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
)
update ledger.run as r set finished_at = clock_timestamp(), state = 'failed', error_code = 'NP-1018'
where r.state = 'running'
    and not exists (select 1 from working as w where w.key = hashtextextended('run ' || r.run_id::text, 7))
    -- one with a key is several tasks: between two of them nobody works, for a while, or until a second person has decided
    and (r.run_key is null or (
        greatest(r.started_at, (select max(s.recorded_at) from ledger.receipt as s where s.run_id = r.run_id))
            < now() - interval '1 day'
        and not exists (select 1 from ledger.approval as a where a.run_id = r.run_id and a.decision is null)
    ))
