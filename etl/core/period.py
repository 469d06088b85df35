"""期間: the business day or the month that a run is about, as people type it, and what no run may be about.

Pure: the clock and what was taken in are given. They decide whether a period is refused or put before a second person, never what is loaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from etl.core.dates import ERAS, Era, month_range
from etl.core.errors import Refused

Span = Literal["day", "month"]
APART = timedelta(days=93)  # three months at their longest, and a day
ISO = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?", re.ASCII)
WAREKI = re.compile(rf"({'|'.join(era.name for era in ERAS)})(元|\d{{1,2}})年(\d{{1,2}})月(?:(\d{{1,2}})日)?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """A business day (``first`` is ``last``) or a month."""

    span: Span
    first: date
    last: date

    @property
    def text(self) -> str:
        """As the ledger keeps it: ``YYYY-MM-DD`` or ``YYYY-MM``."""
        return self.first.isoformat()[: 10 if self.span == "day" else 7]

    def apart(self, first_on: date | None, last_on: date | None) -> bool:
        """業務日が離れている: long after the last business day that was taken in, or before the first. Where nothing was, nothing is apart."""
        if first_on is None or last_on is None:
            return False
        return self.first > last_on + APART or self.last < first_on


def period(text: str, *spans: Span) -> Period:
    """``2026-10-30`` or ``令和8年10月30日`` (day), ``2026-10`` or ``令和8年10月`` (month). Refused NP-1005 when it is none of ``spans``, NP-1008 when
    it lies outside the eras."""
    try:
        found = _read(text)
    except ValueError:
        raise Refused("NP-1005", item=text[:20]) from None
    if found.span not in spans:
        raise Refused("NP-1005", item=text[:20])
    within_eras(found)
    return found


def _read(text: str) -> Period:
    if iso := ISO.fullmatch(text):
        return _period(int(iso[1]), iso[2], iso[3])
    if not (wareki := WAREKI.fullmatch(text)):
        raise ValueError("no period")
    era = next(e for e in ERAS if e.name == wareki[1])
    found = _period(era.first.year + (1 if wareki[2] == "元" else int(wareki[2])) - 1, wareki[3], wareki[4])
    if not _meets(found, era):  # 平成35年
        raise ValueError("no such day of the era")
    return found


def _period(year: int, month: str, day: str | None) -> Period:
    if day:
        on = date(year, int(month), int(day))
        return Period("day", on, on)
    return Period("month", *month_range(date(year, int(month), 1)))


def _meets(found: Period, era: Era) -> bool:
    return found.first <= era.last and era.first <= found.last


def within_eras(found: Period) -> None:
    """Refused NP-1008: what cannot be written in 和暦 stands on no sheet."""
    if not any(_meets(found, era) for era in ERAS):
        raise Refused("NP-1008", item=found.text)


def not_after(found: Period, today: date) -> None:
    """Refused NP-1007 when it begins after today."""
    if found.first > today:
        raise Refused("NP-1007", item=found.text, today=today)


def moment_not_after(known_at: datetime, now: datetime) -> None:
    """Refused NP-1050 when a moment is still to come: what will be known by then nobody can tell, and it would not be the same again."""
    if known_at > now:
        raise Refused("NP-1050", item=f"{known_at.astimezone(now.tzinfo):%Y-%m-%dT%H:%M}")
