"""Business days of the city hall: weekdays that are neither 国民の祝日 nor 12月29日–1月3日.

Source: 国民の祝日に関する法律 第2条・第3条 as in force since 2022 (the Olympic years 2020 and 2021 had moved days: not
modelled), and the year-end days of the city's 休日条例. Valid for 2022–2099 (the equinox formula ends there).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

FIXED = ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23))
MONDAYS = ((1, 2), (7, 3), (9, 3), (10, 2))  # month, which Monday: 成人の日 海の日 敬老の日 スポーツの日
YEAR_END = ((12, 29), (12, 30), (12, 31), (1, 2), (1, 3))
DAY = timedelta(days=1)


def is_business_day(day: date) -> bool:
    """True when the ward offices are open and files are sent."""
    return day.weekday() < 5 and (day.month, day.day) not in YEAR_END and day not in holidays(day.year)


def business_days(first: date, last: date) -> list[date]:
    """The business days from ``first`` to ``last``, both included."""
    return [d for n in range((last - first).days + 1) if is_business_day(d := first + n * DAY)]


@cache
def holidays(year: int) -> frozenset[date]:
    """The national holidays of a year, with 振替休日 (next free day) and 国民の休日 (a day between two holidays)."""
    days = {date(year, m, d) for m, d in FIXED} | {_monday(year, m, nth) for m, nth in MONDAYS}
    days |= {date(year, 3, _equinox(year, 20.8431)), date(year, 9, _equinox(year, 23.2488))}
    between = {d + DAY for d in days if d + 2 * DAY in days and d + DAY not in days}
    return frozenset(days | between | {_substitute(d, days) for d in days if d.weekday() == 6})


def _monday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (nth - 1))


def _equinox(year: int, base: float) -> int:
    return int(base + 0.242194 * (year - 1980) - (year - 1980) // 4)


def _substitute(sunday: date, days: set[date]) -> date:
    day = sunday + DAY
    while day in days:
        day += DAY
    return day
