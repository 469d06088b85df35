-- what:   from what text the staging of these datasets was made
-- basis:  decisions, Late files
-- grain:  one dataset
-- params: datasets
select dataset, sha256 from public.generated where dataset = any(cast(:datasets as text[]))
