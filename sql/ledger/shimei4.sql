-- what:   4情報 of persons for the record (encrypted before it is written)
-- basis:  P66
-- grain:  one person
-- params: atena_nos
select distinct on (atena_no) atena_no, name, birth_on, sex_code, address from pension.atena
where atena_no = any(cast(:atena_nos as text[])) and superseded_at is null and not sakujo_flag
order by atena_no, rireki_no desc
