"""連番: whether a file's turn has come. Pure; the counter's state is given."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple


class Received(NamedTuple):
    """A number that was accepted: highest version so far. ``current``: since the counter was set by the newest 全件 file."""

    seq: int | None
    version: int
    name: str
    business_on: date
    current: bool = True


class Turn(NamedTuple):
    """``accept``, ``wait``, ``refuse`` or ``correct`` (訂正: needs an approval), with an error code and its facts."""

    verdict: str
    code: str | None = None
    facts: dict[str, Any] = {}  # noqa: RUF012 (never changed)


def judge(received: list[Received], seq: int | None, version: int, business_on: date, resets: bool) -> Turn:
    """interfaces, Arrival: rises by one, a gap waits, a repeat needs a higher version and an approval, 全件 sets the counter.

    A dataset without numbers is counted by business day; a 全件 file of another day is never a repeat.
    """
    same = [
        r for r in received if r.seq == seq and (r.business_on == business_on or (seq is not None and r.current and not resets))
    ]
    if same:
        first = max(same, key=lambda r: r.version)
        return Turn("correct") if version > first.version else Turn("refuse", "NP-2010", {"first": first.name})
    last = max((r.seq for r in received if r.current and r.seq is not None), default=None)
    if last is None or seq is None or resets or seq == last + 1:
        return Turn("accept")
    begun = min(r.business_on for r in received if r.current)
    overtaken = business_on < begun and not all(r.current for r in received)  # the 全件 file that set the counter is newer
    if seq > last and not overtaken:
        return Turn("wait", "NP-2021", {"expected": last + 1, "found": seq})
    return Turn("refuse", "NP-2011", {"expected": last, "found": seq})
