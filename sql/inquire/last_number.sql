-- what:   how many 照会番号 of this business day are given
-- basis:  decisions, 照会番号
-- grain:  one number
-- params: business_on (names: table)
select coalesce(max(right(shoukai_no, 7)::integer), 0) from pension.{table} where asked_on = :business_on
