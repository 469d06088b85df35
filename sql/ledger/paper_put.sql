-- what:   a paper that lies aside; with the commit of its record it is to be put in its place
-- basis:  P82; decisions, Lists, reproductions, notices
-- grain:  one paper
-- params: run_id, path, aside, sha256
insert into ledger.paper (run_id, path, aside, sha256) values (cast(:run_id as uuid), :path, :aside, :sha256)
