"""営業日: the days on which the offices are open, and deadlines that move to them.

国民の祝日 with 振替休日 and 国民の休日 (国民の祝日に関する法律第2条・第3条, and the moved days of 2019–2021) come from jpholiday, which
nothing else imports; the days that the city itself sets (土曜日・日曜日, 12月29日–1月3日) stand in ``mappings/calendar.yaml``.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

import jpholiday
from pydantic import Field as Attr
from pydantic import ValidationError

from etl.core.dates import month_range
from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_yaml
from etl.definitions import MAPPINGS

DAY = timedelta(days=1)
MonthDay = Annotated[str, Attr(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Span(Frozen):
    """From a day of the year to another, both included; one that ends before it begins goes over the new year."""

    first: MonthDay
    last: MonthDay

    def __contains__(self, day: date) -> bool:
        on = f"{day:%m-%d}"
        return self.first <= on <= self.last if self.first <= self.last else on >= self.first or on <= self.last


class Kyuujitsu(Frozen):
    """市の休日 beside 国民の祝日: days of the week (``date.isoweekday``), spans of every year, single days."""

    basis: str = Attr(min_length=1)
    weekly: frozenset[Annotated[int, Attr(ge=1, le=7)]]
    yearly: tuple[Span, ...]
    single: frozenset[date]

    def __contains__(self, day: date) -> bool:
        return day.isoweekday() in self.weekly or any(day in span for span in self.yearly) or day in self.single


@cache
def kyuujitsu(path: Path = MAPPINGS / "calendar.yaml") -> Kyuujitsu:
    """The city's own days. DefinitionError NP-1101 when the page lacks something, has a day that is none, or closes the whole week."""
    try:
        found = Kyuujitsu.model_validate(read_yaml(path))
    except ValidationError as error:
        raise DefinitionError("NP-1101", file=path.name, why=error.errors()[0]["msg"]) from None
    if len(found.weekly) == 7:
        raise DefinitionError("NP-1101", file=path.name, item="weekly", why="no day of the week is left")
    return found


def is_business_day(day: date) -> bool:
    """True when the offices are open and files are sent."""
    return day not in kyuujitsu() and not jpholiday.is_holiday(day)


def next_business_day(day: date) -> date:
    """The day itself when the offices are open, else the first day after it on which they are (地方自治法第4条の2第4項)."""
    while not is_business_day(day):
        day += DAY
    return day


def last_business_day(day: date) -> date:
    """The day itself when the offices are open, else the last day before it on which they were."""
    while not is_business_day(day):
        day -= DAY
    return day


def business_days(first: date, last: date) -> list[date]:
    """The business days from ``first`` to ``last``, both included."""
    return [d for n in range((last - first).days + 1) if is_business_day(d := first + n * DAY)]


def noufu_kigen(month: date) -> date:
    """納付期限 of the premium of a month (any day in it): the end of the next month, moved to a business day.

    Source: 国民年金法第91条, 法第95条, 国税通則法第10条第2項: its days are the same as the city's.
    """
    following = month_range(month)[1] + DAY
    return next_business_day(month_range(following)[1])
