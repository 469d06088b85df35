-- what:   4情報 of persons for the record (encrypted before it is written)
-- basis:  P66
-- grain:  one person
-- params: atena_nos
select atena_no, name, birth_on, sex_code, address from pension.atena_ima
where atena_no = any(cast(:atena_nos as text[]))
