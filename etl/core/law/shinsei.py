"""申請できる期間: the months for which 免除・納付猶予 (41) and 学生納付特例 (42) may be applied for on a day.

Back: as long as the month's 納付期限 is not more than two years ago. Ahead: to the month that ends the 年度 of the application. The rule is here
and nowhere else; ``spans`` is it as a table, which the database keeps as ``pension.shinsei_kikan``.

Source: the 告示 of the periods that 法第90条第1項・第90条の2・第90条の3第1項 let the minister designate (免除申請期間の告示).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import chain
from typing import NamedTuple

from etl.core.dates import add_years, month_after
from etl.core.law.eigyoubi import DAY, noufu_kigen
from etl.core.law.kijitsu import kijitsu

#: 届書 -> the month that begins its 年度, by its name in ``kijitsu``
NENDO = {"41": "menjo_nendo", "42": "gakusei_nendo"}
#: the days of 受理 that the table speaks of: premiums began in April 1961; the calendar of holidays is computed as far as 2099
SPOKEN_OF = date(1961, 4, 1), date(2099, 12, 31)


class Kikan(NamedTuple):
    """The first and the last month that may be applied for, as their first days."""

    first: date
    last: date


class Span(NamedTuple):
    """A row of ``pension.shinsei_kikan``: applications received from ``from_on`` to ``until_on`` reach from month to month."""

    todoke_code: str
    from_on: date
    until_on: date
    first_month: date
    last_month: date


@cache
def until(month: date) -> date:
    """The last day on which a month (any day in it) may be applied for: two years from its 納付期限, which does not count itself
    (民法第140条・第143条: due on 2022-02-28, until 2024-02-29)."""
    due = noufu_kigen(month)
    return add_years(due + DAY, kijitsu().years("shinsei_sokyuu", due)) - DAY


def kikan(todoke_code: str, juri_on: date) -> Kikan:
    """The months that an application received on a day may be for. KeyError for a 届書 that is none."""
    begins = kijitsu().calendar_month(NENDO[todoke_code], juri_on)
    ends = date(juri_on.year + (juri_on.month >= begins), begins, 1)
    first = month_after(juri_on, -12 * kijitsu().years("shinsei_sokyuu", juri_on) - 3)
    while until(first) < juri_on:
        first = month_after(first, 1)
    return Kikan(first, month_after(ends, -1))


def spans() -> list[Span]:
    """``kikan`` of every day of ``SPOKEN_OF``, as few rows as say it."""
    first, last = SPOKEN_OF
    months = [date(year, month, 1) for year in range(first.year - 3, last.year + 1) for month in range(1, 13)]
    turns = sorted({d for d in chain(months, (until(m) + DAY for m in months)) if first < d <= last} | {first})
    made: list[Span] = []
    for code in NENDO:
        mine: list[Span] = []
        for day, following in zip(turns, (*turns[1:], last + DAY), strict=True):
            found = kikan(code, day)
            if mine and mine[-1][3:] == found:
                mine[-1] = mine[-1]._replace(until_on=following - DAY)
            else:
                mine.append(Span(code, day, following - DAY, *found))
        made += mine
    return made
