-- what:   how many entries of the register nobody has looked at for a whole 年度
-- basis:  P65
-- grain:  one number
-- params: none
select shokuin.okure()
