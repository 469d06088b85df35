"""Days, months, eras and ages. Scalar functions for CSV and rules, lookup tables for columns of fixed files.

Ages by the Civil Code (年齢計算ニ関する法律): an age is reached at the end of the day before the birthday, and a person born on
29 February completes a year on 28 February of a year without one. Era days: 明治 1868-01-25, 大正 1912-07-30, 昭和 1926-12-25,
平成 1989-01-08, 令和 2019-05-01; a day on which the era changed is valid in both (明治45年7月30日, 大正15年12月25日).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import NamedTuple

EPOCH = date(1970, 1, 1)


class Era(NamedTuple):
    """One era: its digit in wareki7, its name, its first and last valid day."""

    digit: int
    name: str
    first: date
    last: date


ERAS = (
    Era(1, "明治", date(1868, 1, 25), date(1912, 7, 30)),
    Era(3, "大正", date(1912, 7, 30), date(1926, 12, 25)),
    Era(5, "昭和", date(1926, 12, 25), date(1989, 1, 7)),
    Era(7, "平成", date(1989, 1, 8), date(2019, 4, 30)),
    Era(9, "令和", date(2019, 5, 1), date(2117, 12, 31)),  # year 99: as far as two digits reach
)


def era_of(day: date) -> Era:
    """The era a day is written in (the later one on a day of change); ValueError outside all."""
    for era in reversed(ERAS):
        if era.first <= day <= era.last:
            return era
    raise ValueError("outside every era")


def wareki(day: date) -> str:
    """``令和7年9月30日``; the first year is 元年."""
    era = era_of(day)
    year = day.year - era.first.year + 1
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def wareki_month(day: date) -> str:
    """``令和7年9月`` of any day in it."""
    return wareki(day.replace(day=1)).removesuffix("1日")


def nendo(year: int) -> str:
    """A 年度 in 和暦, named by the era in which it ends its calendar year: 2019 is 令和元年度."""
    return wareki(date(year, 12, 31)).split("年")[0] + "年度"


def parse_wareki7(text: str) -> date:
    """``5640107`` -> 1989-01-07. ValueError("not_a_day" or "outside_era")."""
    era = next((e for e in ERAS if text[:1] == str(e.digit)), None)
    if not re.fullmatch(r"[0-9]{7}", text, re.ASCII):
        raise ValueError("not_number")
    if era is None or text[1:3] == "00":
        raise ValueError("outside_era")
    day = parse_day(f"{era.first.year + int(text[1:3]) - 1:04}{text[3:]}")
    if day is None or not era.first <= day <= era.last:
        raise ValueError("outside_era")
    return day


def format_wareki7(day: date) -> str:
    """1989-01-07 -> ``5640107``; ValueError outside every era."""
    era = era_of(day)
    return f"{era.digit}{day.year - era.first.year + 1:02}{day.month:02}{day.day:02}"


_DAY = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})", re.ASCII)
_MONTH = re.compile(r"([0-9]{4})-?([0-9]{2})", re.ASCII)


def parse_day(text: str) -> date | None:
    """``YYYYMMDD`` or ``YYYY-MM-DD``; blank or all zeros is None (not set). ValueError for anything else."""
    if not text.strip(" ") or text in ("00000000", "0000-00-00"):
        return None
    found = _DAY.fullmatch(text)
    if not found:
        raise ValueError("not_number")
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        raise ValueError("not_a_day") from None


def parse_month(text: str) -> date | None:
    """``YYYYMM`` or ``YYYY-MM`` as the first day; blank or ``000000`` is None. ValueError for anything else."""
    if not text.strip(" ") or text in ("000000", "0000-00"):
        return None
    found = _MONTH.fullmatch(text)
    if not found:
        raise ValueError("not_number")
    try:
        return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise ValueError("not_a_day") from None


def parse_ts14(text: str) -> datetime | None:
    """``YYYYMMDDhhmmss`` in Asia/Tokyo, as a naive datetime; blank is None. ValueError for anything else."""
    if not text.strip(" "):
        return None
    if not re.fullmatch(r"[0-9]{14}", text, re.ASCII):
        raise ValueError("not_number")
    try:
        return datetime(*(int(text[a:b]) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))))  # type: ignore[arg-type]
    except ValueError:
        raise ValueError("not_a_time") from None


def month_range(first_day: date) -> tuple[date, date]:
    """First and last day of the month of this day."""
    return first_day.replace(day=1), first_day.replace(day=monthrange(first_day.year, first_day.month)[1])


def month_after(day: date, months: int) -> date:
    """The first day of the month so many months after (or before) that of a day."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def add_years(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes 1 March where there is none (so the day before is 28 February)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def reach(birth_on: date, age: int) -> date:
    """The day on which this age is reached: the day before the birthday. Born 2004-02-29 reaches 20 on 2024-02-28."""
    return add_years(birth_on, age) - timedelta(days=1)
