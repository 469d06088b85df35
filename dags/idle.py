"""無操作: when a log-in of the pages ends because nobody is there. An open page asks for the same things again and again by itself (and Airflow
would take that for somebody), so what counts is a change, or a look at something that was not looked at for ``BY_ITSELF`` seconds.

Held by the one process that answers the pages; sessions also end in the database, after as long without any request at all.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

BY_ITSELF = 300  # seconds: what is asked for more often than this, the page asks for by itself
SESSIONS = 10_000  # that are remembered; the one that was used longest ago is forgotten first
LOOKS = 1_000  # of each


@dataclass
class _Session:
    last: float  # when somebody did something
    looked: OrderedDict[str, float] = field(default_factory=OrderedDict)  # path -> when it was asked for last


class Idle:
    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic):
        self.seconds, self.clock = seconds, clock
        self.sessions: OrderedDict[str, _Session] = OrderedDict()

    def over(self, session: str, method: str, path: str) -> bool:
        """Whether this request comes too late. An unknown session begins with it. ``session``: the value of a cookie."""
        now = self.clock()
        found = self.sessions.setdefault(session, _Session(now))
        self.sessions.move_to_end(session)
        if len(self.sessions) > SESSIONS:
            self.sessions.popitem(last=False)
        if now - found.last > self.seconds:
            return True
        if method not in ("GET", "HEAD", "OPTIONS") or now - found.looked.get(path, -BY_ITSELF) >= BY_ITSELF:
            found.last = now
        found.looked[path] = now
        found.looked.move_to_end(path)
        if len(found.looked) > LOOKS:
            found.looked.popitem(last=False)
        return False
