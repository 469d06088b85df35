"""期日: days, months, years and ages set by law, each with its article. The table is ``mappings/kijitsu.yaml``, nothing else.

The law takes its numbers from here, statements get them as parameters, views and functions read ``pension.kijitsu``, which is this table
in the database. An age is asked for as an age and a month as a month: mistaking one for the other is a ``ValueError``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field as Attr

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import read_page
from etl.definitions import MAPPINGS

Unit = Literal["days", "months", "years", "age", "calendar_month"]


class Entry(Frozen):
    """The meaning of a name from a day on (None: always), until the next entry with that name begins, or to a last day."""

    name: Word
    amount: int = Attr(ge=1)
    unit: Unit
    article: str = Attr(min_length=1)
    since: date | None = Attr(alias="from", strict=True)
    until: date | None = Attr(None, strict=True)


class Row(NamedTuple):
    """A row of ``pension.kijitsu``: both days included, ``date.min`` and ``date.max`` where there is no limit."""

    name: str
    from_on: date
    until_on: date
    amount: int
    unit: Unit
    article: str


@dataclass(frozen=True)
class Kijitsu:
    """name -> its entries, the first of which has no beginning; all of one unit."""

    entries: dict[str, tuple[Entry, ...]]

    def days(self, name: str, on: date) -> int:
        """So many days, by the law of a day."""
        return self._amount(name, on, "days")

    def months(self, name: str, on: date) -> int:
        return self._amount(name, on, "months")

    def years(self, name: str, on: date) -> int:
        return self._amount(name, on, "years")

    def age(self, name: str, on: date) -> int:
        """満年齢."""
        return self._amount(name, on, "age")

    def calendar_month(self, name: str, on: date) -> int:
        """The month of the year, 4 is April."""
        return self._amount(name, on, "calendar_month")

    def holds(self, name: str, on: date) -> bool:
        """Whether the law still says so on a day."""
        return on <= (self._entry(name, on).until or date.max)

    def _entry(self, name: str, on: date) -> Entry:
        return [e for e in self.entries[name] if e.since is None or e.since <= on][-1]

    def _amount(self, name: str, on: date, unit: Unit) -> int:
        found = self._entry(name, on)
        if not self.holds(name, on):
            raise LookupError(f"{name}: ended on {found.until}")
        if found.unit != unit:
            raise ValueError(f"{name}: said in {found.unit}, asked for in {unit}")
        return found.amount

    def names(self, unit: Unit) -> set[str]:
        """The names that are said in a unit."""
        return {name for name, found in self.entries.items() if found[0].unit == unit}

    def rows(self) -> list[Row]:
        """The table for the database: each entry until the day before the next of its name."""
        ends = ((e, n) for found in self.entries.values() for e, n in zip(found, (*found[1:], None), strict=True))
        return [
            Row(e.name, e.since or date.min, min(e.until or date.max, _day_before(n)), e.amount, e.unit, e.article)
            for e, n in ends
        ]


def _day_before(entry: Entry | None) -> date:
    return entry.since - timedelta(days=1) if entry and entry.since else date.max


@cache
def kijitsu(path: Path = MAPPINGS / "kijitsu.yaml") -> Kijitsu:
    """The table. DefinitionError NP-1101 when an entry lacks something, or those of a name do not follow each other in one unit."""
    read: tuple[Entry, ...] = read_page(path, tuple[Entry, ...])
    found = {name: tuple(e for e in read if e.name == name) for name in dict.fromkeys(e.name for e in read)}
    if odd := [name for name, entries in found.items() if not _follow(entries)]:
        raise DefinitionError(
            "NP-1101",
            file=path.name,
            item=odd[0],
            why="the first without `from`, then by date, all in one unit, `until` after `from`",
        )
    return Kijitsu(found)


def _follow(entries: tuple[Entry, ...]) -> bool:
    begins = [e.since or date.min for e in entries]
    ends = [e.until or date.max for e in entries]
    return (
        entries[0].since is None
        and all(a < b for a, b in pairwise(begins))
        and all(a <= b for a, b in zip(begins, ends, strict=True))
        and len({e.unit for e in entries}) == 1
    )
