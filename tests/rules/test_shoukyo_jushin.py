"""受信フォルダーの消去: 消えるのは承認されたその平文だけ。後から来たもの、日付のおかしいものがあっても、止まらず、間違えない。"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import kit
import pytest

from etl import jobs, retire
from etl.core.mapping.city import ZONE
from etl.edge import shred
from etl.site import Site
from tests import kept
from tests.faults import crash

TODAY = date(2026, 11, 28)
NAME = "JUKIIDOU_141305_20260901_000001_01.dat"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", TODAY.isoformat())


def approved(site: Site) -> tuple[str, Path]:
    """A refused file whose period is over, on an approved list: the run, and where it lies."""
    path = kept.aged(kit.put(site, "juki_idou", NAME, b"x", 1), date(2026, 1, 1))
    run = kept.run_of(site)
    retire.ask(site, run, ("C",))
    kit.approve_all(site, "shoukyo")
    return run.run_id, path


def stopped(monkeypatch: pytest.MonkeyPatch, point: str, work: Callable[[], object]) -> None:
    """It is cut off there."""

    def off() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        crash.at(patch, point, off)
        with pytest.raises(KeyboardInterrupt):
            work()


@pytest.mark.parametrize(
    "point", ["destruction written", "destruction noted", "keys gone", "files gone", "destroyed", "verified"]
)
@pytest.mark.parametrize("cut", [True, False], ids=["止めて続きから", "止めずに"])
def test_消す間に来た新しいファイルは_同じ名前でも消えない(
    site: Site, monkeypatch: pytest.MonkeyPatch, point: str, cut: bool
) -> None:
    run_id, path = approved(site)

    def come() -> None:
        kit.put(site, "juki_idou", NAME, b"sent again", 1)

    def work() -> Any:
        return jobs.step(site, run_id, "shred")

    if cut:
        stopped(monkeypatch, point, work)
        come()
    else:
        crash.at(monkeypatch, point, come)
        work()
    work()
    assert path.read_bytes() == b"sent again" and path.with_name(f"{NAME}.end").exists()
    assert retire.requests(site)[0]["state"] == "証明済み" and not [p for p in path.parent.iterdir() if p.name.startswith(".")]


def test_上書きの途中で止まった平文も_続きで消える(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, path = approved(site)
    real = shred.destroy

    def half(one: Path, **more: Any) -> bool:
        if one.parent == path.parent and not one.name.endswith(".end") and one.exists():
            one.write_bytes(b"\0")
            raise KeyboardInterrupt
        return real(one, **more)

    with monkeypatch.context() as patch:
        patch.setattr(shred, "destroy", half)
        with pytest.raises(KeyboardInterrupt):
            jobs.step(site, run_id, "shred")
    jobs.step(site, run_id, "shred")
    assert retire.requests(site)[0]["state"] == "証明済み" and not list(path.parent.iterdir())


@pytest.mark.parametrize("moment", [253_402_300_800, 4_102_444_800, -62_135_596_810], ids=["10000年", "2100年", "0年"])
def test_更新日時のおかしい平文があっても月次は終わる(site: Site, moment: int) -> None:
    path = kit.put(site, "juki_idou", NAME, b"x", 1, end=False)
    os.utime(path, (moment, moment))
    assert retire.plan(site, datetime.now(ZONE).date(), "C")[0].count == (moment < 0)
    assert retire.plan(site, date(2027, 12, 31), "C")[0].count == 1
