"""消去: 候補から申請・承認・実行・検証・証明まで。消すと決めたものだけが消え、残すと決めたものは残る。"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import kit
import pytest

from etl import approve, jobs, retire
from etl.edge import retired
from etl.site import Site
from tests import kept

TODAY = date(2026, 11, 28)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", TODAY.isoformat())


def count(site: Site, name: str = "C", as_of: date = TODAY) -> int:
    return retire.plan(site, as_of, name)[0].count


def asked(site: Site, name: str = "C", user: str = "sousa01") -> str:
    """A request of a class; its run."""
    run = kept.run_of(site, user)
    assert retire.ask(site, run, (name,)).proposals == 1
    return run.run_id


def carried_out(site: Site, run_id: str) -> retire.Shredded:
    kit.approve_all(site, "shoukyo")
    return jobs.step(site, run_id, "shred")


def test_期限の日はまだ残り_翌日から消える(site: Site) -> None:
    keys = [kept.put(site, TODAY + timedelta(days=n)) for n in (-1, 0, 1)]
    assert [count(site, as_of=TODAY + timedelta(days=n)) for n in (-1, 0, 1, 2)] == [0, 1, 2, 3]
    done = carried_out(site, asked(site)).done
    assert [(d.gone, d.held, d.changed) for d in done] == [(1, 0, 0)]
    assert [kept.there(site, key) for key in keys] == [False, True, True]
