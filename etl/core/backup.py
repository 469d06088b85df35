"""バックアップの規則: which kind is due, what a backup rests on, what has expired, which segments of WAL are missing (spec 9, class H).

Pure. A backup is ``full``, or ``incremental`` on its parent; it can be restored only with all it rests on and the WAL from its first
segment on. Nothing expires that something younger rests on, nor the newest one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

Kind = Literal["full", "incremental"]
#: segments of 16 MiB: so many make one step of the middle part of their names
STEP = 256


@dataclass(frozen=True)
class Backup:
    """A backup as the catalog has it. ``moment``: the state that ``counts`` (table -> rows) and the head of the chain of records are of, and that
    the restore point ``point`` names. ``first_wal``: the segment from which its WAL is needed, ``last_wal`` to reach the moment. ``verified``:
    when it was restored for a trial."""

    id: str
    kind: Kind
    parent: str | None
    started_at: datetime
    moment: datetime
    point: str
    system: str
    timeline: int
    first_wal: str
    last_wal: str
    version: int
    bytes: int
    sha256: str
    content: int
    key: str
    counts: Mapping[str, int] = field(default_factory=dict)
    head: tuple[int, str] = (0, "")
    besides: int = 0  # objects of the archive that are kept beside it
    verified: datetime | None = None

    def kept_until(self, days: int) -> date:
        """The last day on which it is kept for its own sake."""
        return self.moment.date() + timedelta(days=days)


def week(day: date, full_on: int) -> date:
    """The day on which the week of ``day`` begins: the last ``full_on`` (1 Monday … 7 Sunday)."""
    return day - timedelta(days=(day.isoweekday() - full_on) % 7)


def parent(known: Sequence[Backup], day: date, full_on: int, system: str, timeline: int) -> Backup | None:
    """What an incremental backup of ``day`` rests on: the newest one, if there was a full one in this week and it is of this server as it runs
    now. None: a full one is due."""
    chained = by_id(known)
    newest = max(known, key=lambda b: b.started_at, default=None)
    if newest is None or (newest.system, newest.timeline) != (system, timeline) or not complete(chained, newest):
        return None
    return newest if chain(chained, newest)[0].started_at.date() >= week(day, full_on) else None


def by_id(known: Iterable[Backup]) -> dict[str, Backup]:
    return {backup.id: backup for backup in known}


def chain(known: Mapping[str, Backup], last: Backup) -> list[Backup]:
    """What ``last`` rests on, the full one first, itself last; what is missing is not in it (``complete``)."""
    found = [last]
    while (before := found[0].parent) and before in known:
        found.insert(0, known[before])
    return found


def complete(known: Mapping[str, Backup], last: Backup) -> bool:
    return chain(known, last)[0].kind == "full"


def newest(known: Sequence[Backup], until: datetime | None = None) -> Backup | None:
    """The last whole one whose moment is not after ``until``."""
    chained = by_id(known)
    found = [b for b in known if complete(chained, b) and (until is None or b.moment <= until)]
    return max(found, key=lambda b: b.moment, default=None)


def expired(known: Sequence[Backup], today: date, days: int) -> list[Backup]:
    """What may go: over, and nothing that stays rests on it. The newest whole one stays however old it is."""
    chained, last = by_id(known), newest(known)
    kept = [b for b in known if b.kept_until(days) >= today or b is last]
    needed = {b.id for one in kept for b in chain(chained, one)}
    return [b for b in known if b.id not in needed]


def number(name: str) -> int | None:
    """The place of a segment of WAL in the whole of it, by its name; None when it is no whole segment."""
    found = re.fullmatch(r"[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})", name)
    return int(found[1], 16) * STEP + int(found[2], 16) if found else None


def before(names: Iterable[str], first: str) -> list[str]:
    """The segments (and notes about them) that nothing from ``first`` on needs."""
    limit = number(first) or 0
    return sorted(name for name in names if (place := number(name[:24])) is not None and place < limit)


def gaps(names: Iterable[str], first: str, last: str | None = None) -> list[str]:
    """The segments that are missing between ``first`` and ``last`` (the last one that is there), named as those of the first one's timeline."""
    there = {place for name in names if (place := number(name)) is not None}
    begin, end = number(first) or 0, (number(last) if last else None) or max(there, default=0)
    missing = [place for place in range(begin, max(end, begin) + 1) if place not in there]
    return [f"{first[:8]}{place // STEP:08X}{place % STEP:08X}" for place in missing]
