"""A prepared Site for the fault tests, copied for each case."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.edge import suites
from etl.site import Site
from tests.conftest import new_site
from tests.faults import crash, damage
from tests.faults.crash import NEXT, Copies

Work = Callable[[Site], Any]


@pytest.fixture(scope="session")
def prepared(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The state from which each case starts. Nobody works in it: it is copied."""
    crash.know(house)
    suites.preload()
    with new_site(house, tmp_path_factory.mktemp("prepared")) as site:
        _fill(site)
        yield site


def _fill(town: Site) -> None:
    """Persons with 資格 and 宛名; in the inbox a night that does everything: new rows, a removal, a newcomer, a bad row, an intake, results."""
    kit.insured(town, [{"atena_no": no(n)} for n in range(1, 9)])
    kit.juki(town, [{"atena_no": no(n), "kojin_no": kit.kojin_no(n)} for n in range(1, 8)], seq=1, kubun="1")
    assert kit.run(town, "juki_daily", DAY)["error"] is None
    night = kit.juki(town, [
        {"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "21", "idou_on": date(2025, 9, 20), "jumin_jotai_code": "2"},
        {"atena_no": no(2), "rireki_no": 2, "idou_jiyu_code": "41", "idou_on": date(2025, 9, 21), "kojin_no": kit.kojin_no(102)},
        {"atena_no": no(3), "kojin_no": kit.kojin_no(3)},
        {"atena_no": no(5), "rireki_no": 2, "idou_jiyu_code": "23", "idou_on": date(2025, 9, 22), "jumin_jotai_code": "3"},
        {"atena_no": no(4), "rireki_no": 2},
        {"atena_no": no(50), "idou_on": date(2025, 9, 20), "kojin_no": kit.kojin_no(50)},
        {"atena_no": no(51), "birth_on": date(1950, 1, 1)},
    ], on=NEXT, seq=2)  # fmt: skip
    damage.spoil(night, 5, "sex_code", b"7")
    kit.uketsuke(town, [{"uketsuke_no": no(1), "atena_no": no(60), "kojin_no": kit.kojin_no(60)}], on=NEXT)
    kit.kekka(town, [{"kiso_nenkin_no": kit.kiso(n), "kojin_no": kit.kojin_no(200 + n)} for n in (1, 2, 2)], on=NEXT)


@pytest.fixture(scope="session")
def states(prepared: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Work | None], Site]]:
    """The prepared Site, and what some work has made of it: each is made once."""
    made: dict[Work | None, Site] = {None: prepared}
    with ExitStack() as until_the_end:

        def after(work: Work | None) -> Site:
            if work not in made:
                home = tmp_path_factory.mktemp("state") / "home"
                site = until_the_end.enter_context(crash.copied(prepared, home))
                assert work
                work(site)
                made[work] = site
            return made[work]

        yield after


@pytest.fixture
def copies(states: Callable[[Work | None], Site], tmp_path: Path) -> Copies:
    """A copy of the prepared Site, or of what it is ``after`` some work (a function that has a name: it is done once for all that ask)."""
    numbers = itertools.count(1)
    return lambda after=None: crash.copied(states(after), tmp_path / f"copy{next(numbers)}")
