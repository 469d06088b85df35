"""保存期間: how long something is kept, with its unit. ``90 days`` is never taken for months."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

Unit = Literal["days", "months", "years", "permanent"]
WORDS = {"days": "日", "months": "か月", "years": "年"}


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

    def __str__(self) -> str:
        """As people read it: 30日."""
        return "恒久" if self.unit == "permanent" else f"{self.amount}{WORDS[self.unit]}"

    @property
    def days(self) -> int:
        """The number of days; ValueError when it is not said in days."""
        return self._in("days")

    @property
    def months(self) -> int:
        """The number of months (a year has twelve); ValueError when it is said in days or has no end."""
        return 12 * self.amount if self.unit == "years" else self._in("months")

    def ends_on(self, day: date) -> date:
        """The last day of a period that begins with ``day``, which itself is not counted (民法140条, 143条): it is over on the day after.
        Permanent: ``date.max``."""
        if self.unit == "permanent":
            return date.max
        if self.unit == "days":
            return day + timedelta(days=self.amount)
        first = day + timedelta(days=1)
        year, month = divmod(first.year * 12 + first.month - 1 + self.months, 12)
        if first.day > (length := monthrange(year, month + 1)[1]):  # no such day: the last one of the month
            return date(year, month + 1, length)
        return date(year, month + 1, first.day) - timedelta(days=1)

    def _in(self, unit: Unit) -> int:
        if self.unit != unit:
            raise ValueError(f"said in {self.unit}, asked for in {unit}")
        return self.amount


Keep = Annotated[Period, BeforeValidator(Period.parse)]
