-- what:   rows held back: line, fields and kinds; the row itself only encrypted, only of a person held
-- basis:  spec 3
-- grain:  one line of one file
-- params: file_id, line, fields, kinds, row_cipher, key_id
insert into ledger.quarantine (file_id, line, fields, kinds, row_cipher, key_id)
values (:file_id, :line, :fields, :kinds, :row_cipher, :key_id)
