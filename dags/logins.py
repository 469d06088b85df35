"""ログインの失敗: how often one may try a password.

Each failure is answered later than the one before. After ``TRIES`` in a row the user is locked for ``LOCKED`` seconds, whoever tries; a
failure is forgotten after as long. Held by the one process that answers the pages; a try counts from its beginning, so that many at the
same time are not more than one after another.
"""

from __future__ import annotations

import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

TRIES = 5
LOCKED = 15 * 60  # seconds
FIRST_DELAY = 0.5  # seconds; doubled with each failure
NAMES = 10_000  # that are remembered; the oldest is forgotten first


@dataclass
class _Tried:
    count: int = 0
    last: float = 0.0  # when the last one began
    until: float = 0.0  # locked until then


class Logins:
    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.clock = clock
        self.tried: OrderedDict[str, _Tried] = OrderedDict()

    def begin(self, name: str) -> float:
        """A try begins: 0 when it may, else the seconds that the user is still locked."""
        tried, now = self._of(name), self.clock()
        if tried.until > now:
            return tried.until - now
        if tried.until or now - tried.last >= LOCKED:
            tried.count, tried.until = 0, 0.0
        if tried.count >= TRIES:  # so many are under way already
            return 1.0
        tried.count, tried.last = tried.count + 1, now
        return 0.0

    def failed(self, name: str) -> bool:
        """Whether this failure locks the user."""
        tried = self._of(name)
        if tried.count < TRIES or tried.until > self.clock():
            return False
        tried.until = self.clock() + LOCKED
        return True

    def delay(self, name: str) -> float:
        return float(FIRST_DELAY * 2 ** min(max(self._of(name).count - 1, 0), 4))

    def succeeded(self, name: str) -> None:
        self.tried.pop(_same(name), None)

    def passed(self, name: str) -> None:
        """The form let somebody on, maybe one who is logged in already: this try does not count, those before still do."""
        tried = self._of(name)
        tried.count = max(tried.count - 1, 0)

    def _of(self, name: str) -> _Tried:
        key = _same(name)
        found = self.tried.setdefault(key, _Tried())
        self.tried.move_to_end(key)
        while len(self.tried) > NAMES:
            self.tried.popitem(last=False)
        return found


def _same(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()
