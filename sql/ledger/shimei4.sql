-- what:   4情報 of a person for the record (encrypted before it is written)
-- basis:  P66
-- grain:  at most one person
-- params: atena_no
select name, birth_on, sex_code, address from pension.atena_ima where atena_no = :atena_no
