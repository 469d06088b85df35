-- what:   one thing of the list of a request
-- basis:  spec 9
-- grain:  one thing
-- params: retirement_id, item, kind, key, object_id, atena_no, dataset, sha256, bytes, kept_from, due_on
insert into ledger.retirement_item (
    retirement_id, item, kind, key, object_id, atena_no, dataset, sha256, bytes, kept_from, due_on
) values (
    :retirement_id, :item, :kind, :key, :object_id, :atena_no, :dataset, :sha256, :bytes, :kept_from, :due_on
)
