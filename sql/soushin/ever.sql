-- what:   whether anything of these datasets was ever sent from here: then acknowledgements may come
-- basis:  F27
-- grain:  one answer
-- params: datasets
select exists (
    select 1 from ledger.soushin as s join ledger.output as o using (output_id)
    where s.attempt > 0 and o.dataset = any(cast(:datasets as text[]))
)
