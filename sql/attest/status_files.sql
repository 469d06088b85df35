-- what:   files that were refused or wait, as they were found when they were looked at last
-- basis:  decisions, Late files; decisions, Status
-- grain:  one name
-- params: none
select dataset, name, outcome, code, business_on
from (
    select distinct on (dataset, name) dataset, name, outcome, code, business_on
    from ledger.file
    order by dataset, name, file_id desc
) as last
where outcome in ('refused', 'waiting')
order by dataset, business_on, name
