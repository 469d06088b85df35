"""Failpoints: places at which the tests kill a process, one after another (N = 1, 2, … until none is left)."""

from __future__ import annotations

import os
import signal
from itertools import count

_reached = count(1)


def reached(name: str) -> None:
    """Nothing, unless ``KOKUNEN_FAILPOINT=N``: then the N-th point that this process reaches says its name and is its end."""
    wanted = os.environ.get("KOKUNEN_FAILPOINT")
    if wanted and next(_reached) == int(wanted):
        os.write(2, f"failpoint {name}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)
