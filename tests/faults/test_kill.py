"""SIGKILL at every failpoint, one after another until none is left (F01, F02). A plain re-run ends as if nothing had happened."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl import approve
from etl.edge import suites
from etl.site import Site
from tests.faults import crash, damage

ROOT = Path(__file__).resolve().parents[2]
NEXT = date(2025, 9, 25)
Copies = Callable[[], Any]


@pytest.fixture(scope="module")
def prepared(town: Site, house: Path) -> Site:
    """Persons with 資格 and 宛名; in the inbox a night that does everything: new rows, a removal, a newcomer, a bad row, an intake."""
    crash.know(house)
    suites.preload()
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
    return town


@pytest.fixture
def copies(prepared: Site, tmp_path: Path) -> Copies:
    numbers = itertools.count(1)
    return lambda: crash.copied(prepared, tmp_path / f"copy{next(numbers)}")


def kill_everywhere(copies: Copies, work: Callable[[Site], Any], prepare: Callable[[Site], Any] = lambda _: None) -> list[str]:
    """The names of the failpoints at which ``work`` was killed; after each one a re-run ends like the undisturbed one."""
    with copies() as site:
        prepare(site)
        before = crash.picture(site)
        work(site)
        undisturbed = crash.picture(site)
        assert undisturbed != before
    names: list[str] = []
    for point in itertools.count(1):
        with copies() as site:
            prepare(site)
            site.engine.dispose()
            name = crash.kill_at(point, work, site)
            if name is None:
                return names
            names.append(name)
            crash.assert_sound(site)
            work(site)
            crash.same_as(site, undisturbed)
    raise AssertionError


def run(job: str, period: date | str) -> Callable[[Site], None]:
    def work(site: Site) -> None:
        result = kit.run(site, job, period)
        assert result["error"] is None, result["error"]

    return work


LOAD = ["staging emptied", "rows sent", "staged", "rows entered", "validated", "ledger written", "before commit", "committed"]
KILLED: set[str] = set()


def test_異動の取込は何処で止まっても再実行で同じ結果になる(copies: Copies) -> None:
    names = kill_everywhere(copies, run("juki_daily", NEXT))
    assert sorted(names) == sorted(["land done", *LOAD, "load done", "propose done", "report done"])
    KILLED.update(names)


def test_受付の取込は何処で止まっても再実行で同じ結果になる(copies: Copies) -> None:
    names = kill_everywhere(copies, run("uketsuke_daily", NEXT))
    assert sorted(names) == sorted(["land done", *(p for p in LOAD if p != "rows sent"), "load done", "report done"])
    KILLED.update(names)


def test_月次の移転は何処で止まっても再実行で同じ結果になる(copies: Copies) -> None:
    names = kill_everywhere(copies, run("kokuho_monthly", "2025-09"))
    one = ["file placed", "sealed", "release recorded", "manifest placed", "released"]
    assert names == ["build done", *one, *one, "release done", "report done"]
    KILLED.update(names)


def test_住基照会は何処で止まっても再実行で同じ結果になる(copies: Copies) -> None:
    names = kill_everywhere(copies, run("juki_shoukai_daily", NEXT))
    assert names == ["ask done", "questions placed", "questions recorded", "questions released", "place done", "report done"]
    KILLED.update(names)


def test_承認は途中で止まっても半分だけにはならない(copies: Copies) -> None:
    def work(site: Site) -> None:
        approve.decide(site, "idou", None, "shounin01")

    names = kill_everywhere(copies, work, prepare=run("juki_daily", NEXT))
    assert names == ["approvals written"]
    KILLED.update(names)


def test_名のある場所の全部で止めた() -> None:
    """A failpoint that no test dies at would prove nothing. Runs after the tests above."""
    if not KILLED:
        pytest.skip("needs the tests above")
    assert named() <= {re.sub(r"^\w+ done$", "{name} done", n) for n in KILLED}


def named() -> set[str]:
    """The names of all failpoints in the source."""
    return {n for p in (ROOT / "etl").rglob("*.py") for n in re.findall(r'failpoint\.reached\(f?"(.+?)"\)', p.read_text(encoding="utf-8"))}


