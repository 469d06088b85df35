"""連番: whether a file's turn has come. Pure; the counter's state is given."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple


class Received(NamedTuple):
    """A number of the counter that was accepted: highest version so far."""

    seq: int | None
    version: int
    name: str
    business_on: date


class Turn(NamedTuple):
    """``accept``, ``wait``, ``refuse`` or ``correct`` (訂正: needs an approval), with an error code and its facts."""

    verdict: str
    code: str | None = None
    facts: dict[str, Any] = {}


def judge(received: list[Received], seq: int | None, version: int, business_on: date, resets: bool) -> Turn:
    """interfaces, Arrival: rises by one, a gap waits, a repeat needs a higher version and an approval, 全件 sets the counter.

    ``received`` are the numbers since the counter was set. A dataset without numbers is counted by business day.
    """
    same = [r for r in received if (r.seq == seq if seq is not None else r.business_on == business_on)]
    if same:
        if version > same[0].version:
            return Turn("correct")
        return Turn("refuse", "NP-2010", {"first": same[0].name})
    if not received or seq is None or resets:
        return Turn("accept")
    last = max(r.seq for r in received if r.seq is not None)
    if seq == last + 1:
        return Turn("accept")
    if seq > last:
        return Turn("wait", "NP-2021", {"expected": last + 1, "found": seq})
    return Turn("refuse", "NP-2011", {"expected": last, "found": seq})
