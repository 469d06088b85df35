-- what:   a paper lies in its place, or is known to be lost
-- basis:  decisions, Lists, reproductions, notices
-- grain:  one paper
-- params: aside, lost
update ledger.paper set
    placed_at = case when :lost then null else clock_timestamp() end,
    lost_at = case when :lost then clock_timestamp() end
where aside = :aside and placed_at is null and lost_at is null
