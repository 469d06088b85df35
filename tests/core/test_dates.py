"""Ages, eras, months and check digits: the vectors of the sources."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.core import dates
from etl.core.codec import digits

D = date.fromisoformat


@pytest.mark.parametrize("line", [
    "2005-04-01 | 20 | 2025-03-31",
    "1965-05-01 | 60 | 2025-04-30",
    "2004-02-29 | 20 | 2024-02-28",
    "2004-02-29 | 21 | 2025-02-28",
    "1964-02-29 | 60 | 2024-02-28",
    "1965-03-01 | 60 | 2025-02-28",
    "1964-03-01 | 60 | 2024-02-29",
    "2005-01-01 | 20 | 2024-12-31",
])  # fmt: skip
def test_年齢は誕生日の前日に達する(line: str) -> None:
    birth_on, age, reached_on = (part.strip() for part in line.split("|"))
    assert dates.reach(D(birth_on), int(age)) == D(reached_on)


@pytest.mark.parametrize("line", [
    "2025-09-30 | 令和7年9月30日  | 9070930",
    "2019-05-01 | 令和元年5月1日  | 9010501",
    "2019-04-30 | 平成31年4月30日 | 7310430",
    "1989-01-08 | 平成元年1月8日  | 7010108",
    "1989-01-07 | 昭和64年1月7日  | 5640107",
    "1926-12-25 | 昭和元年12月25日 | 5011225",
    "1926-12-24 | 大正15年12月24日 | 3151224",
    "1912-07-30 | 大正元年7月30日 | 3010730",
    "1912-07-29 | 明治45年7月29日 | 1450729",
])  # fmt: skip
def test_和暦(line: str) -> None:
    day, long, short = (part.strip() for part in line.split("|"))
    assert (dates.wareki(D(day)), dates.format_wareki7(D(day)), dates.parse_wareki7(short)) == (long, short, D(day))


@pytest.mark.parametrize(("short", "day"), [("1450730", "1912-07-30"), ("3151225", "1926-12-25")])
def test_改元の日は前の元号でも正しい(short: str, day: str) -> None:
    assert dates.parse_wareki7(short) == D(day)


@pytest.mark.parametrize("short", ["5640108", "1450731", "3151226", "7310501", "9010430", "9000501", "4010101", "1010124"])
def test_元号の期間の外は誤り(short: str) -> None:
    with pytest.raises(ValueError, match="outside_era"):
        dates.parse_wareki7(short)


def test_元号のない日は書けない() -> None:
    with pytest.raises(ValueError, match="outside every era"):
        dates.wareki(date(1868, 1, 24))


def test_月の初日と末日() -> None:
    assert dates.month_range(date(2024, 2, 10)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert dates.month_range(date(2025, 12, 1)) == (date(2025, 12, 1), date(2025, 12, 31))


VECTORS = {
    "98320567321": "4", "12345678901": "8", "11111111111": "8", "99999999999": "6",
    "00000000006": "0", "00000000005": "1", "10000000000": "5",
}  # fmt: skip


@pytest.mark.parametrize(("eleven", "digit"), VECTORS.items())
def test_個人番号の検査数字(eleven: str, digit: str) -> None:
    assert digits.check_digit(eleven) == digit


@given(numbers=st.lists(st.integers(0, 10**8 - 1), min_size=1))
def test_検査数字は列でも一件でも同じ(numbers: list[int]) -> None:
    cells = [f"0000{n:08}" for n in numbers]
    block = np.frombuffer("".join(cells).encode(), np.uint8).reshape(-1, 12) - ord("0")
    assert digits.check_digits_match(block).tolist() == [digits.is_kojin_no(c) for c in cells]


@pytest.mark.parametrize("text", ["", "1234567890", "123456789０1", "1234567890x"])
def test_十一桁の数字でなければ検査数字はない(text: str) -> None:
    with pytest.raises(ValueError, match="eleven digits"):
        digits.check_digit(text)


@pytest.mark.parametrize(
    ("day", "month"), [("2025-09-24", "令和7年9月"), ("2019-05-31", "令和元年5月"), ("2019-04-30", "平成31年4月")]
)
def test_月の和暦(day: str, month: str) -> None:
    assert dates.wareki_month(D(day)) == month


@pytest.mark.parametrize(
    ("year", "text"), [(2025, "令和7年度"), (2019, "令和元年度"), (2018, "平成30年度"), (1989, "平成元年度")]
)
def test_年度の和暦(year: int, text: str) -> None:
    assert dates.nendo(year) == text
