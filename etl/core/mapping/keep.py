"""保存期間: how long something is kept, with its unit. ``90 days`` is never taken for months."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

from etl.core.dates import month_after, month_range

Unit = Literal["days", "months", "years", "permanent"]


@dataclass(frozen=True)
class Period:
    """``amount`` of ``unit``; permanent has no amount."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: object) -> Period:
        """``permanent`` or ``N days|months|years``; ValueError for anything else."""
        found = re.fullmatch(r"([1-9][0-9]*) (days|months|years)", text) if isinstance(text, str) else None
        if found:
            return cls(int(found[1]), next(u for u in get_args(Unit) if u == found[2]))
        if text == "permanent":
            return cls(0, "permanent")
        raise ValueError("permanent, or a number of days, months or years")

    @property
    def days(self) -> int:
        """The number of days; ValueError when it is not said in days."""
        return self._in("days")

    @property
    def months(self) -> int:
        """The number of months (a year has twelve); ValueError when it is said in days or has no end."""
        return 12 * self.amount if self.unit == "years" else self._in("months")

    def last(self, first: date) -> date | None:
        """The last day of a period that begins with ``first`` (民法第143条: the day before the day of the same number, or the last day of a month
        that has none); on the next day it is over. None: it has no end."""
        if self.unit == "permanent":
            return None
        if self.unit == "days":
            return first + timedelta(days=self.amount - 1)
        month, last = month_range(month_after(first, self.months))
        return last if first.day > last.day else month.replace(day=first.day) - timedelta(days=1)

    def _in(self, unit: Unit) -> int:
        if self.unit != unit:
            raise ValueError(f"said in {self.unit}, asked for in {unit}")
        return self.amount


Keep = Annotated[Period, BeforeValidator(Period.parse)]
