"""番号の控え（numbers/）: 二つの業務が同時に書いても、どちらの控えも残る。"""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from etl.door import numbers
from etl.edge import atomic
from etl.site import Site


def test_同時に書いても控えは失われない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two jobs send at once, each under the locks of its own datasets; what went is kept on one page."""

    write = atomic.write

    def slow(*args: Any, **more: Any) -> None:
        time.sleep(0.005)
        write(*args, **more)

    def give(job: str) -> None:
        for n in range(20):
            numbers.give(site, "soushin", f"{job}_{n}.csv#1", "00")

    monkeypatch.setattr(atomic, "write", slow)
    both = [threading.Thread(target=give, args=(job,)) for job in ("a", "b")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(numbers.given(site, "soushin")) == 40
